"""Loads a model and makes its context. Runs on the decode thread of the engine's child process."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import llama_cpp.llama_cpp as llama

from app.engine import facts
from app.engine.cache import Saved, SequenceCache
from app.engine.identity import Identity, llama_build, model_digest, model_files, text_digest
from app.engine.keeper import StateKeeper
from app.engine.limits import limit_memory
from app.engine.load_errors import check_file, context_error, load_error
from app.engine.memory import SequenceMemory
from app.engine.native import CancelFlag, NativeLog
from app.engine.pace import ReadingPace
from app.engine.parameters import CACHE_TYPES, context_parameters, model_parameters
from app.engine.placement import Buffers, backend, read_buffers
from app.engine.prompt import PromptBuilder, TemplateTraits
from app.engine.template import CHATML
from app.engine.template_client import TemplateRenderer
from app.engine.threads import MOST_THREADS, default_threads
from app.engine.values import Budgets, LoadOptions, ModelInfo
from app.engine.vault import Vault
from app.engine.vocab import Vocabulary
from app.errors import RequestError, TemplateError
from app.language import tr

#: Default context: hybrids keep kilobytes per token, transformers often a hundred.
_DEFAULT_CTX, _DEFAULT_CTX_RECURRENT = 16_384, 32_768
#: Sixteen times what any model declares; llama.cpp's own lists for more take a minute to be refused.
_MOST_CTX = 16 * 1024 * 1024
_MOST_BATCH = 65_536
_WARM_UP_TOKENS = 16
_TokenPointer, _FlagPointer = ctypes.POINTER(llama.llama_token), ctypes.POINTER(ctypes.c_int8)


class LoadCancelled(Exception):  # noqa: N818 - not an error, an outcome
    """The load was cancelled on request."""


class Host:
    """One model and its context; empty until `load`."""

    def __init__(self, log: NativeLog, cancel: CancelFlag) -> None:
        llama.llama_backend_init()
        self._log, self.cancel = log, cancel
        #: Held by whoever uses the vocabulary on another thread: it is freed with the model.
        self.in_use = threading.Lock()
        self.renderer = TemplateRenderer()
        self.renderer.start()
        self._model: llama.llama_model_p | None = None
        self.context: llama.llama_context_p | None = None
        self.info: ModelInfo | None = None
        self.keeper: StateKeeper | None = None
        self._ended: list[threading.Thread] = []
        self.idle_s = 0.0
        self.template_error: TemplateError | None = None
        #: What llama.cpp holds now; replaced whole, so that any thread may read it.
        self.buffers: Buffers = {}
        self._options = LoadOptions()
        self._weights: object = None

    def load(self, path: str, options: LoadOptions, on_progress: Callable[[float], None]) -> ModelInfo:
        """Load `path` in place of what is loaded and decode a few tokens once.

        Where the weights are those that are loaded only the context is made anew, and what was
        read goes on in it; if it can't be had the former one comes back, with an error, and
        `info` says what is there. The warm-up makes a crash in the first graph (instructions that
        the processor announces and does not honour, a GPU driver) a crash while loading, which
        the caller can mend.

        Raises:
            ModelFileError, OutOfMemoryError, RequestError: with the reason.
            LoadCancelled: the cancel flag was set.
        """
        _check_options(options)
        check_file(Path(path))
        weights = _weights(path, options)
        if self.info is not None and weights == self._weights:
            return self._change_context(path, options)
        self.unload()
        limit_memory()
        try:
            self._load_model(path, options, on_progress)
            self._weights = weights
            self._make_context(options)
            self.pace = ReadingPace()
            self._begin(path, options)
        except BaseException:
            self.unload()
            raise
        assert self.info is not None
        return self.info

    def unload(self) -> None:
        """Save what is unsaved, then free model and context."""
        self._free_context(save=True)
        with self.in_use:
            if self._model is not None:
                llama.llama_model_free(self._model)
            self._model = self.info = self.template_error = None
        self.buffers = {}

    def _change_context(self, path: str, options: LoadOptions) -> ModelInfo:
        """Another context for the weights that are loaded. Raises as `load`."""
        former, before = self._options, self._state_kind
        carried = self._leave_context()
        try:
            self._renew_context(path, options)
        except BaseException:
            # A cancel has done its work here: the former context must not be cancelled, too.
            self.cancel.clear()
            self._renew_context(path, former)
            raise
        finally:
            if self.context is None:
                self.unload()
            elif self._state_kind == before:
                for saved in carried:
                    self.cache.keep(saved)
        assert self.info is not None
        return self.info

    def _leave_context(self) -> tuple[Saved, ...]:
        """Save what was read and free the context; the lines in RAM. LoadCancelled changes nothing."""
        if self.keeper is not None:
            self.keeper.save_all()
        if self.cancel.is_set():
            raise LoadCancelled
        self.cache.leave()
        carried = self.cache.aside
        self._free_context(save=False)
        return carried

    def _renew_context(self, path: str, options: LoadOptions) -> None:
        limit_memory()
        try:
            self._make_context(options)
            self._begin(path, options)
        except BaseException:
            self._free_context(save=False)
            raise

    def _begin(self, path: str, options: LoadOptions) -> None:
        """Make the context that was made ready for requests."""
        self._warm_up()
        if self.info is None or options.chatml != self._options.chatml:
            self.template_error = None
            self.info = self._describe(path, options)
        else:
            self.info = replace(self.info, path=path, n_ctx=self.n_ctx, n_threads=self.n_threads)
        self._options, self.idle_s = options, options.idle_s
        self.keeper = self._make_keeper(path, options)

    def _free_context(self, *, save: bool) -> None:
        if self.keeper is not None:
            # The threads only: with a keeper all the lines of its context would stay in RAM.
            self._ended = [thread for thread in self._ended if thread.is_alive()]
            self._ended.append(self.keeper.close(save=save))
            self.keeper = None
        if self.context is not None:
            self.cache.clear()
            llama.llama_free(self.context)
            self.context = None

    def close(self) -> None:
        """`unload`, and wait until what was saved is written, whatever was cancelled meanwhile."""
        self.unload()
        for thread in self._ended:
            thread.join()

    def prepare(self, prompt: Sequence[int], conversation: str) -> int:
        """Hold the longest beginning of a prompt that RAM or disk has; its length.

        From then on the context's tokens are the conversation's; empty for one that is not saved.
        """
        self.cache.set_pace(self.pace.seconds(0, 1))
        if self.keeper is not None:
            self.keeper.restore(prompt, conversation)
        reused = self.cache.prepare(prompt)
        self.cache.own(conversation)
        return reused

    def reusable(self, prompt: Sequence[int]) -> int:
        """What `prepare` would return; changes nothing."""
        self.cache.set_pace(self.pace.seconds(0, 1))
        saved = self.keeper.reusable(prompt) if self.keeper is not None else 0
        return max(saved, self.cache.reusable(prompt))

    def set_budgets(self, budgets: Budgets) -> None:
        """Other budgets for what has been read, from now on."""
        self._options = replace(self._options, budgets=budgets)
        if self.info is not None:
            self.cache.set_budgets(budgets.checkpoint_bytes, budgets.aside_bytes)
        if self.keeper is not None:
            self.keeper.set_budget(budgets.disk_bytes)

    def decode(self, tokens: Sequence[int], *, logits: bool) -> int:
        """Decode one batch at the end of sequence 0; llama_decode's result (0 well, 2 aborted)."""
        count = len(tokens)
        for index, token in enumerate(tokens):
            self._tokens[index] = token
        # Only the last position of a prompt needs the output matrix.
        self._outputs[count - 1] = 1 if logits else 0
        self._batch.n_tokens = count
        result: int = llama.llama_decode(self.context, self._batch)
        self._outputs[count - 1] = 0
        return result

    def let_abort(self, allowed: bool) -> None:
        """Whether the cancel flag stops a decode in the middle, too, or only the next one."""
        callback = self.cancel.callback if allowed else llama.ggml_abort_callback()
        llama.llama_set_abort_callback(self.context, callback, self.cancel.data)

    def _load_model(self, path: str, options: LoadOptions, on_progress: Callable[[float], None]) -> None:
        parameters, self._held = model_parameters(Path(path), options)

        def progress(fraction: float, _data: object) -> bool:
            on_progress(fraction)
            return not self.cancel.is_set()

        callback = llama.llama_progress_callback(progress)
        parameters.progress_callback = callback
        self._log.lines.clear()
        self.buffers = {}
        self._model = llama.llama_model_load_from_file(path.encode("utf-8", "surrogateescape"), parameters)
        if self.cancel.is_set():
            raise LoadCancelled
        if not self._model:
            self._model = None
            raise load_error(Path(path), list(self._log.lines))
        self.vocab = Vocabulary(llama.llama_model_get_vocab(self._model))
        self._weights_held = read_buffers(list(self._log.lines))
        special = self.vocab.specials.values()
        self.turn_enders = frozenset(token for token in special if self.vocab.is_end(token))

    def _make_context(self, options: LoadOptions) -> None:
        assert self._model is not None
        trained = llama.llama_model_n_ctx_train(self._model)
        recurrent = llama.llama_model_is_hybrid(self._model) or llama.llama_model_is_recurrent(self._model)
        default = min(_DEFAULT_CTX_RECURRENT if recurrent else _DEFAULT_CTX, trained or _DEFAULT_CTX)
        parameters = context_parameters(options)
        parameters.n_ctx = options.n_ctx or default
        self.n_threads = options.n_threads or default_threads()
        parameters.n_threads = parameters.n_threads_batch = self.n_threads
        self._log.lines.clear()
        context = llama.llama_init_from_model(self._model, parameters)
        if not context:
            raise context_error(int(parameters.n_ctx), list(self._log.lines))
        self._adopt(context, options)

    def _adopt(self, context: llama.llama_context_p, options: LoadOptions) -> None:
        """Make a context the one that is used, its cache empty."""
        kind, budgets = facts.memory_kind(self._model), options.budgets
        try:
            memory = SequenceMemory(context, kind, llama.llama_model_n_swa(self._model))
            self.cache = SequenceCache(memory, budgets.checkpoint_bytes, budgets.aside_bytes)
        except BaseException:
            llama.llama_free(context)
            raise
        self.context = context
        self.buffers = {**self._weights_held, **read_buffers(list(self._log.lines))}
        self.let_abort(True)
        self.n_ctx: int = llama.llama_n_ctx(context)
        self.n_batch: int = llama.llama_n_batch(context)
        long_rope = facts.has_long_rope(self._model, self.context)
        self._state_kind = (options.cache_type, options.flash_attention, long_rope)
        self._make_batch()

    def _make_keeper(self, path: str, options: LoadOptions) -> StateKeeper | None:
        """None where nothing is saved: not wanted, or the folder can't be had."""
        if not options.state_folder:
            return None
        try:
            identity = Identity(
                model=model_digest(path),
                template=text_digest(self.template),
                type_k=CACHE_TYPES[options.cache_type],
                type_v=CACHE_TYPES[options.cache_type],
                flash_attention=options.flash_attention,
                n_swa=self.cache.memory.n_swa,
                swa_full=False,
                long_rope=self._state_kind[2],
                llama=llama_build(),
            )
            vault = Vault(Path(options.state_folder), options.budgets.disk_bytes, _tell)
        except OSError as error:
            _tell(f"States are not saved: {error.strerror}.")
            return None
        assert self.context is not None
        return StateKeeper(self.context, self.cache, vault, identity, self.cancel.is_set)

    def _make_batch(self) -> None:
        # Positions and sequence ids stay NULL: llama.cpp continues sequence 0 by itself.
        self._tokens = (llama.llama_token * self.n_batch)()
        self._outputs = (ctypes.c_int8 * self.n_batch)()
        self._batch = llama.llama_batch()
        # An array stands for a pointer to its first element, which the binding's types don't say.
        self._batch.token = ctypes.cast(ctypes.byref(self._tokens), _TokenPointer)  # type: ignore[assignment]
        self._batch.logits = ctypes.cast(ctypes.byref(self._outputs), _FlagPointer)  # type: ignore[assignment]

    def _warm_up(self) -> None:
        for count in (min(_WARM_UP_TOKENS, self.n_batch, self.n_ctx // 2), 1):
            result = self.decode([max(self.vocab.bos, 0)] * count, logits=True)
            if self.cancel.is_set():
                raise LoadCancelled
            if result != 0:
                raise context_error(self.n_ctx, list(self._log.lines))
        self.cache.clear()

    def _describe(self, path: str, options: LoadOptions) -> ModelInfo:
        template, problem, traits = self._choose_template(options)
        self.template = template
        model = self._model
        return ModelInfo(
            path=path,
            name=facts.meta(model, "general.name") or Path(path).stem,
            architecture=facts.meta(model, "general.architecture"),
            quantization=facts.file_type(model),
            size_bytes=llama.llama_model_size(model),
            n_params=llama.llama_model_n_params(model),
            n_ctx=self.n_ctx,
            n_ctx_train=llama.llama_model_n_ctx_train(model),
            n_layer=llama.llama_model_n_layer(model),
            n_vocab=self.vocab.size,
            memory=self.cache.memory.kind,
            n_threads=self.n_threads,
            modes=traits.modes,
            mode_reason=traits.reason,
            template="chatml" if template == CHATML else "model",
            template_problem=problem,
            recommended=facts.recommended(model),
            backend=backend(self.buffers),
        )

    def _choose_template(self, options: LoadOptions) -> tuple[str, str, TemplateTraits]:
        """The template in use, what is wrong with the model's own, and what it can do."""
        own = facts.template(self._model)
        template = own if own and not options.chatml else CHATML
        problem = "" if own else tr("This file has no chat template, so the ChatML format is used.")
        prompts = PromptBuilder(self.vocab, self.renderer, template)
        try:
            prompts.probe()
        except TemplateError as error:
            if template == CHATML:
                raise
            # The model stays loaded: the question is refused with this error, or ChatML chosen.
            self.template_error, problem = error, error.message
        # Not before it is probed: the counter takes what it has learnt.
        self.prompts = prompts
        return template, problem, prompts.traits


def _check_options(options: LoadOptions) -> None:
    if options.cache_type not in CACHE_TYPES:
        raise RequestError(tr("There is no cache type {cache_type!r}.", cache_type=options.cache_type))
    if not (0 <= options.n_threads <= MOST_THREADS and 1 <= options.n_batch <= _MOST_BATCH):
        raise RequestError(tr("There can't be so many threads, or tokens in a step."), tr("Choose fewer."))
    if not 0 <= options.n_ctx <= _MOST_CTX:
        raise RequestError(
            tr("A context holds {most} tokens at most.", most=_MOST_CTX),
            tr("Choose a smaller context."),
        )


def _weights(path: str, options: LoadOptions) -> object:
    """Equal for loads that put the same weights in the same places."""
    try:
        found = [part.stat() for part in model_files(Path(path))]
    except OSError:
        return object()  # llama.cpp will say what is missing
    files = [(one.st_dev, one.st_ino, one.st_size, one.st_mtime_ns) for one in found]
    how = (options.n_gpu_layers, options.cpu_experts, options.cpu_only, options.extra_buffers)
    return files, how


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")

"""Why a fit is what it is, in one sentence for a person."""

from __future__ import annotations

from collections.abc import Sequence

from app.language import mark, ntr, tr
from app.models.contexts import LEAST
from app.models.fit import Candidate, Fit
from app.models.machine import Machine

_GB = 1_000_000_000


def explain(fit: Fit, machine: Machine, candidates: Sequence[Candidate] = ()) -> str:
    """One sentence: where the model goes, and what decided it. `candidates` are what was chosen from."""
    name = fit.candidate.quantization or tr("This model")
    if not fit.fits:
        said = mark(
            "{name} needs {missing} more memory than this machine has free, "
            "with a context of {context} tokens."
        )
        if fit.plan.n_ctx <= LEAST:
            said = mark(
                "{name} needs {missing} more memory than this machine has free, "
                "even with a context of {context} tokens."
            )
        return tr(said, name=name, missing=gigabytes(fit.missing), context=fit.plan.n_ctx)
    if fit.where == "cpu":
        return _without_gpu(fit, machine, name, candidates)
    if fit.where == "gpu":
        return _whole(fit, machine, name, candidates)
    return _split(fit, machine, name)


def gigabytes(count: int) -> str:
    """Bytes as a person reads them: "18.2 GB", "240 MB"."""
    if count >= _GB:
        return tr("{size:.1f} GB", size=count / _GB)
    return tr("{size:.0f} MB", size=count / 1_000_000)


def _gpu(machine: Machine) -> str:
    titles = [gpu.title for gpu in machine.gpus]
    if len(titles) == 1:
        return tr("your {gpu}", gpu=titles[0])
    return ntr("your {count} GPU", "your {count} GPUs", len(titles))


def _whole(fit: Fit, machine: Machine, name: str, candidates: Sequence[Candidate]) -> str:
    finer = [c for c in candidates if c.size > fit.candidate.size]
    values = {
        "name": name, "gpu": _gpu(machine), "context": fit.plan.n_ctx, "spare": gigabytes(fit.spare(machine)),
    }  # fmt: skip
    if not finer:
        return tr("{name} fits {gpu}, with a context of {context} tokens, and {spare} to spare.", **values)
    next_one = min(finer, key=lambda candidate: candidate.size)
    said = mark(
        "{name} fits {gpu}, with a context of {context} tokens, and {spare} to spare; "
        "there is too little room for {finer} ({size})."
    )
    if fit.spare(machine) > next_one.size - fit.candidate.size:
        said = mark(
            "{name} fits {gpu}, with a context of {context} tokens, and {spare} to spare; "
            "{finer} ({size}) would hardly be better."
        )
    return tr(said, finer=next_one.quantization, size=gigabytes(next_one.size), **values)


def _split(fit: Fit, machine: Machine, name: str) -> str:
    free, gpu = gigabytes(machine.gpu_free), _gpu(machine)
    if fit.plan.cpu_experts:
        return tr(
            "{name} is larger than the {free} free on {gpu}, so the experts of {experts} of {blocks} blocks "
            "stay in RAM: slower, but few of them work at a time.",
            name=name, free=free, gpu=gpu, experts=fit.plan.cpu_experts, blocks=fit.candidate.expert_blocks,
        )  # fmt: skip
    return tr(
        "{name} is larger than the {free} free on {gpu}, so {layers} of {total} layers go there and "
        "the processor computes the others.",
        name=name, free=free, gpu=gpu, layers=fit.plan.n_gpu_layers,
        total=len(fit.candidate.layout.blocks) + 1,
    )  # fmt: skip


def _without_gpu(fit: Fit, machine: Machine, name: str, candidates: Sequence[Candidate]) -> str:
    titles = [gpu.title for gpu in machine.gpus]
    why = tr("There is no GPU to use")
    if len(titles) == 1:
        why = tr("Your {gpu} has too little memory", gpu=titles[0])
    elif titles:
        why = ntr(
            "Your {count} GPU has too little memory", "Your {count} GPUs have too little memory", len(titles)
        )
    said = mark("{why}: {name} takes {taken} of the {free} of free RAM.")
    if len(candidates) > 1:
        said = mark(
            "{why}, and the smallest file answers fastest: {name} takes {taken} of the {free} of free RAM."
        )
    taken, free = gigabytes(fit.estimate.total), gigabytes(machine.ram_free)
    return tr(said, why=why, name=name, taken=taken, free=free)

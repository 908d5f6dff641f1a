"""The command line: `ask`, and the processes that the app starts of itself. No Qt."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from app.commands import COMMANDS
from app.engine.threads import MOST_THREADS
from app.errors import UserError
from app.language import load as load_words
from app.language import tr
from app.options import OptionParser

__all__ = ["COMMANDS", "main"]

_MAX_BUDGET = 131_072


class _Parser(OptionParser):
    """An option that makes no sense is a line that a person can act on, and exit status 1."""

    def error(self, message: str) -> NoReturn:
        line = tr("{message} (--help lists the options)", message=message)
        self.exit(1, f"cascade-desk: {line}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a subcommand and return its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    process = _process(arguments[0]) if arguments else None
    if process is not None:
        load_words()  # later there may be no memory left for it
        return process()
    _mend_streams()
    options = _parser().parse_args(arguments)
    interrupted = 130
    try:
        return _run(options)
    except UserError as error:
        sys.stdout.flush()
        sys.stderr.write(f"cascade-desk: {' '.join(str(error).split())}\n")
        return 1
    except KeyboardInterrupt:
        return interrupted  # before there was an answer to stop


def _run(options: argparse.Namespace) -> int:
    if options.command == "doctor":
        from app.doctor.command import run
    else:
        from app.ask import run
    return run(options)


def _process(name: str) -> Callable[[], int] | None:
    """The main function of a process that the app starts of itself; each loads what it needs alone."""
    main: Callable[[], int] | None = None
    if name == "engine-process":
        from app.engine.process import main
    elif name == "dry-run":
        from app.engine.native_libraries import dry_run as main
    elif name == "template-process":
        return _template_process
    elif name == "document-process":
        from app.documents.process import main
    elif name == "math-process":
        from app.render.math_process import main
    elif name == "colour-process":
        from app.render.colour_process import main
    elif name == "import-process":
        from app.export.import_process import main
    return main


def _template_process() -> int:
    from app.engine.template import serve

    serve(sys.stdin.buffer, sys.stdout.buffer)
    return 0


def _mend_streams() -> None:
    """A closed standard stream is None in Python: put the null device in its place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="cascade-desk", description=tr("Chat with a GGUF model on this machine."))
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    ask = commands.add_parser("ask", help=tr("answer one question on standard output"))
    ask.add_argument("question", metavar="QUESTION", help=tr("the question; - reads standard input"))
    ask.add_argument("--model", metavar="PATH|starter", help=tr("a GGUF file (default: the starter model)"))
    ask.add_argument("--mode", choices=("thinking", "instruct"), help=tr("default: the model's own"))
    ask.add_argument(
        "--thinking-budget",
        metavar="N",
        type=_budget,
        help=tr("close the thought after N tokens; off: no limit"),
    )
    ask.add_argument("--system", metavar="TEXT", help=tr("system prompt"))
    ask.add_argument(
        "--attach", metavar="FILE", action="append", default=[], help=tr("a document or a folder; repeatable")
    )
    ask.add_argument("--max-tokens", metavar="N", type=_positive, help=tr("most tokens to generate"))
    ask.add_argument("--temperature", metavar="T", type=_temperature, help=tr("0 is greedy"))
    ask.add_argument("--seed", metavar="N", type=_whole, help=tr("for a repeatable answer"))
    ask.add_argument("--threads", metavar="N", type=_threads, help=tr("processor threads"))
    ask.add_argument("--chatml", action="store_true", help=tr("use ChatML in place of the model's template"))
    ask.add_argument("--data-dir", metavar="PATH", help=tr("keep the app's data there"))
    ask.add_argument("--json", action="store_true", help=tr("print one JSON object in place of the text"))
    _add_doctor(commands.add_parser("doctor", help=tr("say what is there and what is wrong")))
    return parser


def _add_doctor(doctor: argparse.ArgumentParser) -> None:
    doctor.add_argument("--data-dir", metavar="PATH", help=tr("look at the data kept there"))
    words = tr("print one JSON object in place of the text")
    doctor.add_argument("--json", action="store_true", help=words)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(tr("{text!r} is not a whole number", text=text)) from None


def _positive(text: str) -> int:
    value = _whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(tr("must be at least 1"))
    return value


def _threads(text: str) -> int:
    value = _positive(text)
    if value > MOST_THREADS:
        raise argparse.ArgumentTypeError(tr("must be {most} at most", most=MOST_THREADS))
    return value


def _budget(text: str) -> int | None:
    if text == "off":
        return None
    value = _whole(text)
    if not 0 <= value <= _MAX_BUDGET:
        raise argparse.ArgumentTypeError(tr("must be off or 0 to {most}", most=_MAX_BUDGET))
    return value


def _temperature(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(tr("{text!r} is not a number", text=text)) from None
    if not 0.0 <= value <= 5.0:
        raise argparse.ArgumentTypeError(tr("must be 0 to 5"))
    return value

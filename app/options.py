"""A parser of the command line whose own words are translated, too."""

from __future__ import annotations

import argparse
from typing import Any


class OptionParser(argparse.ArgumentParser):
    """As argparse's; one that will show no words (`silent`) loads none."""

    def __init__(self, *, silent: bool = False, **options: Any) -> None:
        super().__init__(add_help=silent, **options)
        if silent:
            return
        from app.language import tr

        class Formatter(argparse.HelpFormatter):
            def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
                super().add_usage(usage, actions, groups, tr("usage: ") if prefix is None else prefix)

        self.formatter_class = Formatter
        self._positionals.title, self._optionals.title = tr("positional arguments"), tr("options")
        self.add_argument("-h", "--help", action="help", help=tr("show this help message and exit"))

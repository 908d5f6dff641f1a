"""`cascade-desk doctor`: what is there, and what is wrong."""

from __future__ import annotations

import argparse
import json
import os
import sys

from app.doctor.diagnosis import diagnose
from app.doctor.values import plain, text_of
from app.language import tr
from app.paths import Paths


def run(options: argparse.Namespace) -> int:
    """Print the diagnosis; exit status 0 where nothing is wrong, 1 where something is."""
    parts = diagnose(Paths.default(options.data_dir))
    wrong = any(part.problems for part in parts)
    said = tr("Something is wrong: see the lines with ! above.") if wrong else tr("Nothing wrong was found.")
    text = json.dumps(plain(parts)) + "\n" if options.json else f"{text_of(parts)}\n{said}\n"
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except OSError:  # nobody reads on, or the disk that it goes to is full
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    return 1 if wrong else 0

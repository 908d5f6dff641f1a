"""Nothing reaches for the network unless a person asks: a whole run is watched."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Counted by the system for the run's own network, in which nobody else is.
COUNTERS = ("Tcp.ActiveOpens", "Tcp.AttemptFails", "Udp.OutDatagrams", "Ip.OutNoRoutes", "Ip.OutRequests")


def _alone() -> list[str]:
    """A command that gives what follows a network of its own, if the system lets us."""
    command = ["unshare", "-rn"]
    if sys.platform.startswith("linux") and shutil.which("unshare"):
        tried = subprocess.run([*command, "true"], capture_output=True, check=False)
        return command if tried.returncode == 0 else []
    return []


def _run(folder: Path, starter: Path, *more: str, alone: list[str]) -> tuple[list[str], dict[str, int]]:
    """What the processes of a run wanted of the network, by line, and the system's counters behind it."""
    (folder / "notes.md").write_text("# Rivers\n\nWater. ![x](https://example.com/x.png)\n", encoding="utf-8")
    watch, counters = folder / "watch.txt", folder / "counters.txt"
    environment = {
        **{key: value for key, value in os.environ.items() if "proxy" not in key.lower()},
        "PYTHONPATH": f"{ROOT / 'tests' / 'watched' / 'sockets'}{os.pathsep}{ROOT}",
        "CASCADE_WATCH": str(watch),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    script = [sys.executable, "-m", "tests.watched.network_script", str(folder), str(starter), *more]
    command = script
    if alone:
        # The counters are those of the network that the shell is in.
        command = [
            *alone,
            "sh",
            "-c",
            '"$@"; s=$?; cat /proc/net/snmp > "$0"; exit $s',
            str(counters),
            *script,
        ]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=150, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    lines = watch.read_text(encoding="utf-8").splitlines()
    return lines, _counted(counters.read_text(encoding="ascii")) if alone else {}


def _counted(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    rows = [line.split() for line in text.splitlines()]
    for names, values in zip(rows[::2], rows[1::2], strict=True):
        for name, value in zip(names[1:], values[1:], strict=True):
            found[f"{names[0].rstrip(':')}.{name}"] = int(value)
    return {name: found[name] for name in COUNTERS}


def test_a_whole_run_reaches_for_no_network(tmp_path: Path, starter: Path) -> None:
    alone = _alone()
    lines, counted = _run(tmp_path, starter, alone=alone)
    watched = [line for line in lines if " watched " in line]
    for process in ("network_script", "engine-process", "document-process", "export-process"):
        assert any(process in line for line in watched), f"{process} was not watched: {watched}"
    assert [line for line in lines if line not in watched] == []
    assert not any(counted.values()), counted


def test_a_connection_and_a_look_up_are_seen(tmp_path: Path, starter: Path) -> None:
    alone = _alone()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        lines, counted = _run(tmp_path, starter, f"127.0.0.1:{port}", alone=alone)
    said = [line.split(" ", 1)[1] for line in lines if " watched " not in line]
    assert said[0] == f"socket.connect ('127.0.0.1', {port})"
    assert re.match(r"socket\.getaddrinfo \('127\.0\.0\.1', ", said[1])
    assert len({line.split()[0] for line in lines if " watched " not in line}) == 2  # two processes
    if alone:
        assert counted["Ip.OutNoRoutes"] or counted["Tcp.ActiveOpens"] or counted["Tcp.AttemptFails"], counted


@pytest.mark.skipif(not _alone(), reason="needs a network of its own")
def test_the_counters_see_what_no_python_does(tmp_path: Path) -> None:
    code = "import socket; socket.socket().connect_ex(('192.0.2.1', 9)); print(open('/proc/net/snmp').read())"
    done = subprocess.run([*_alone(), sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert any(_counted(done.stdout.strip()).values())

"""No word of a conversation, and no key, is in anything that a person could pass on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    "question": "marmalade quokka",
    "answer": "Zephyrine palimpsest",
    "thought": "obsidian thimblerig",
    "document": "velocipede catafalque",
    "name": "Doctor Umbrage Letter",
    "title": "Kumquat Divorce",
    "system": "bergamot vizier",
    "token": "hf_abcdefghijQUINCEklmnop",
    "password": "tamarind77",
    "model": "gossamer-model",
}
#: Each of them alone says something.
WORDS = sorted({word.lower() for text in SECRETS.values() for word in text.split()})


def test_what_is_said_stays_here(tmp_path: Path) -> None:
    home = tmp_path / "home" / "jocasta"
    home.mkdir(parents=True)
    (tmp_path / "secrets.json").write_text(json.dumps(SECRETS), encoding="utf-8")
    (tmp_path / f"{SECRETS['name']}.md").write_text(SECRETS["document"], encoding="utf-8")
    (tmp_path / f"{SECRETS['name']}.pdf").write_bytes(b"%PDF-1.7 " + SECRETS["document"].encode())
    model = home / "gossamer-model.gguf"
    model.write_bytes(b"GGUF" + bytes(64))
    environment = {
        **os.environ,
        "HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    done = run("tests.watched.words_script", str(tmp_path), str(model))
    assert done.returncode == 0, done.stderr[-4000:]
    doctor = run("app", "doctor", "--data-dir", str(tmp_path / "data"))
    told = {path.name: path.read_text("utf-8") for path in (tmp_path / "data" / "logs").iterdir()}
    told |= {name: (tmp_path / name).read_text("utf-8") for name in ("report.txt", "copied.txt")}
    told["doctor"] = doctor.stdout

    found = {(name, word) for name, text in told.items() for word in WORDS if word in text.lower()}
    assert not found
    assert not [name for name, text in told.items() if str(tmp_path / "home") in text or "jocasta" in text]
    # All of it was gone through, and what helps is there.
    log = told["cascade-desk.log"]
    for kind in ("ValueError", "KeyError: a key", "2 No such file", "app.errors.FileReadError: kind", "Odd"):
        assert kind in log, kind
    for told_of in (
        "answered: stop",
        "the engine ended (signal SIGABRT)",
        "GGML_ASSERT(a == b) failed",
        "httpx",
    ):
        assert told_of in log, told_of
    assert "words_script.py" in told["report.txt"]
    assert "network.proxy: http://(hidden)@proxy.example:1" in told["copied.txt"]

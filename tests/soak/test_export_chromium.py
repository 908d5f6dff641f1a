"""An exported page in a browser: text, code and formulas are there, nothing is asked of the network."""

from __future__ import annotations

import dataclasses
import html
import http.server
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.chat.conversation import Conversation
from app.chat.parts import TextPart
from app.export.formulas import SetFormulas
from app.export.html import write_html
from app.export.values import Options, head_of, nodes_of
from tests.export.samples import told
from ui.theme import DARK, LIGHT

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((found for name in BROWSERS if (found := shutil.which(name))), "")
pytestmark = [pytest.mark.soak, pytest.mark.skipif(not BROWSER, reason="no Chromium is installed")]

HOSTILE = """<img src="{0}/a.png"> ![b]({0}/b.png) <script src="{0}/c.js"></script>
<iframe src="{0}/d"></iframe> <style>@import url({0}/e.css); body {{ background: url({0}/f.png) }}</style>
<link rel=stylesheet href={0}/g.css> <body onload="fetch('{0}/h')"> [i](javascript:fetch('{0}/i'))
[j](data:text/html,<script>fetch('{0}/j')</script>)

$\\href{{{0}/k}}{{x}}$ $\\includegraphics{{{0}/l}}$ `</code><img src={0}/m>`

```"><img src={0}/n>
</pre><img src={0}/o onerror=fetch('{0}/p')>
```
"""


def written(path: Path, conversation: Conversation) -> None:
    palettes = dataclasses.asdict(LIGHT), dataclasses.asdict(DARK)
    with path.open("w", encoding="utf-8") as file, SetFormulas() as formulas:
        nodes = nodes_of(conversation, whole=False)
        options = Options("html", thoughts=True, documents=True)
        write_html(
            file, head_of(conversation), nodes, options, lambda _: None, formulas=formulas, palettes=palettes
        )


def browse(tmp_path: Path, page: Path, *options: str) -> tuple[str, str]:
    """What the browser prints, and what it says of errors."""
    command = [
        BROWSER,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--enable-logging=stderr",
    ]
    command += [
        f"--user-data-dir={tmp_path / 'profile'}",
        "--virtual-time-budget=3000",
        *options,
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    return done.stdout.decode(), done.stderr.decode("utf-8", "replace")


def test_a_browser_shows_all_of_it(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    written(page, told())
    dom, errors = browse(tmp_path, page, "--dump-dom")
    assert "CONSOLE" not in errors
    text = html.unescape(re.sub(r"<[^>]*>", "", dom))
    assert "What is *this* & <that>?" in text
    assert 'return "<b>&amp;</b>"  # comment' in text
    assert html.unescape(re.findall(r'data-tex="([^"]*)"', dom)[1]) == "x^2 + \\frac{1}{2}"
    for name, scheme, colour in (("light", 1, LIGHT.window), ("dark", 0, DARK.window)):
        shot = tmp_path / f"{name}.png"
        dark = f"--blink-settings=preferredColorScheme={scheme}"
        browse(tmp_path, page, f"--screenshot={shot}", "--window-size=900,1400", dark)
        picture = QImage(str(shot))
        assert picture.pixelColor(5, 5).name().upper() == colour
        colours = {picture.pixelColor(x, y).name() for x in range(90, 800, 3) for y in range(60, 1200, 3)}
        assert len(colours) > 50


def test_nothing_in_it_asks_for_anything(tmp_path: Path) -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        conversation = Conversation(title="</title><script>x</script>")
        text = HOSTILE.format(f"http://127.0.0.1:{server.server_port}")
        conversation.append("user", TextPart(text))
        conversation.append("assistant", TextPart(text))
        page = tmp_path / "a.html"
        written(page, conversation)
        _, errors = browse(tmp_path, page, "--dump-dom")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert asked == []
    assert "CONSOLE" not in errors

"""Answers that mean harm, or are made by something that is broken. Sizes in characters."""

from __future__ import annotations

LINE = 10_000_000
_SAYS = """\
<script>alert(1)</script>

<img src=x onerror=alert(1)> <svg/onload=alert(1)> <iframe src="https://evil.example/"></iframe>
<style>* { background: url(http://evil.example/a.png) }</style><link rel=stylesheet href=//evil.example/x.css>

[a](javascript:alert(1)) [b](data:text/html;base64,PHNjcmlwdD4=) [c](file:///etc/passwd)
[d](\\\\\\\\host\\\\share)
[e](file://host/share) [f](//host/share) [g](vbscript:x) [h](JaVaScRiPt:alert(1))
[i](java&#x0a;script:alert(1))
[j](&#106;avascript:alert(1))
[k](ms-word:ofe|u|http://evil.example) [l](smb://host/x) [m](ftp://host/x) [n](blob:x)
<javascript:alert(1)> <file:///etc/passwd> <data:text/html,x> \\\\host\\share //host/share file:///etc/passwd

![](http://evil.example/a.png) ![alt](https://evil.example/b.png) ![d](data:image/png;base64,AAAA) ![f](file:///x.png)
![u](//evil.example/c.png) [![n](http://evil.example/d.png)](javascript:alert(1))

| <b>x</b> | ![](http://evil.example/e.png) |
|---|---|
| [t](javascript:alert(1)) | <script>alert(2)</script> |

```html
<script>alert(3)</script>\u202e // reversed
```
"""

#: name: text. Each is shown as it comes, a piece a frame, and as a finished message.
SMALL = {
    "markup": _SAYS,
    "bidi": "\u202eevil\u202c \u2066iso\u2069 `a\u202eb` [x\u202ey](https://e.org/\u202ez)\n" * 50,
    "bidi in code": "```\nx\u202e = 1\n```\n" * 50,
    "zero width": "a\u200b\u200c\u200d\u2060\ufeff" * 5000,
    "controls": "".join(chr(n) for n in range(32)) * 400 + "\x7f\x80\x9f",
    "ansi": "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\ " * 2000,
    "zalgo": ("Z" + "\u0301\u0353\u035c\u0489" * 2000 + " ") * 20,
    "other marks": "".join(
        base + mark * 2000
        for base, mark in zip("กकאعཀက", "\u0e38\u094d\u05b0\u0650\u0f74\u102d", strict=True)
    )
    * 5,
    "surrogates": "a\ud800b\udfffc\ud83d" * 3000,
    "nuls": "a\0b" * 10_000,
    "emoji": "👩\u200d👩\u200d👧\u200d👦" * 8000,
    "flags": "\U0001f1e6" * 20_000,
    "rtl": "שלום עולם (abc) 123 " * 3000,
}
NESTED = {
    "quotes": ">" * 1000 + " deep\n",
    "spaced quotes": "> " * 1000 + "deep\n\nafter",
    "lists": "".join("  " * n + "- x\n" for n in range(1000)),
    "lists in a line": "- " * 1000 + "x\n",
    "numbers in a line": "1. " * 1000 + "x\n",
    "quotes and lists": "> - " * 500 + "x\n\nafter",
    "a step more each line": "\n".join("> " * n + "x" for n in range(1000)),
    "emphasis": "*a " * 1000 + "b" + " c*" * 1000,
    "strong": "**a " * 1000 + "b" + " c**" * 1000,
    "marks": "*_" * 20_000,
    "links": "[" * 1000 + "a" + "](https://e.org)" * 1000,
    "images": "![" * 1000 + "a" + "](u)" * 1000,
    "braces": "$" + "{" * 1000 + "}" * 1000 + "$ \\[" + "\\frac{" * 500 + "\\]",
    "notes": "".join("    " * n + f"[^{n}]: x\n" for n in range(200)),
}
MANY = {
    "links": "".join(f"[l{n}](https://e.org/{n}) " for n in range(100_000)),
    "bare links": "https://e.org/a " * 100_000,
    "links in lines": "".join(f"[l{n}](https://e.org/{n})\n" for n in range(20_000)),
    "mail": "a@b.org " * 100_000,
    "footnotes": "".join(f"[^{n}]: note {n}\n" for n in range(50_000)),
    "references": "".join(f"word[^{n}] " for n in range(50_000)),
    "headings": "# h\n" * 50_000,
    "rules": "---\n" * 50_000,
    "fences": "```\nx\n```\n" * 20_000,
    "open brackets by line": "[a](\n" * 20_000,
    "openers": "\\[ x\n" * 20_000,
    "entities": "&amp;" * 200_000,
    "cells": "|" + "a|" * 20_000 + "\n|" + "-|" * 20_000 + "\n" + ("|" + "b|" * 1000 + "\n") * 20,
    "columns": ("|" + "a|" * 1000 + "\n|" + "-|" * 1000 + "\n" + ("|" + "b|" * 1000 + "\n") * 50),
    "rows": "| a | b |\n|---|---|\n" + "| 1 | `2` |\n" * 50_000,
    "backticks": "`" * 1_000_000,
    "fence of backticks": "```\n" + "`" * 1_000_000,
    "runs of backticks": " ".join("`" * (n % 300 + 1) for n in range(3000)),
}


def lines(size: int = LINE) -> dict[str, str]:
    """One line of `size` characters each."""
    short = {
        "word": "x", "spaces": " ", "backticks": "`", "brackets": "[", "stars": "*", "dollars": "$",
        "pipes": "|", "tildes": "~", "lows": "_", "ats": "@", "less": "<", "backslashes": "\\",
        "ampersands": "&", "parens": "](", "bangs": "![", "quotes": ">", "hashes": "#", "dashes": "-",
        "colons": "a:", "tabs": "\t", "openers": "\\(", "cjk": "漢", "emoji": "😀", "marks": "\u0301",
        "words": "word ", "notes": "[^1]", "hosts": "www.a",
    }  # fmt: skip
    found = {name: (part * (size // len(part) + 1))[:size] for name, part in short.items()}
    found["table row"] = "| a | b |\n|---|---|\n|" + found["pipes"][: size - 22]
    found["row of a cell"] = "| a | b |\n|---|---|\n| " + found["words"][: size - 24]
    found["line of code"] = "```py\n" + found["word"]
    found["line of a quote"] = "> " + found["words"]
    found["behind a formula"] = "$$ " + found["word"]
    return found

"""The style sheet of an exported page, made from two palettes."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template
from typing import Final

#: Names of the colours that the page takes from a palette.
COLOURS: Final = (
    "window", "surface", "sunken", "border", "text", "muted", "accent", "bubble", "inline_code",
    "code_keyword", "code_type", "code_function", "code_string", "code_number", "code_comment",
    "code_operator", "code_tag", "code_meta",
)  # fmt: skip

_SHEET: Final = Template("""
:root { color-scheme: light dark; $light }
@media (prefers-color-scheme: dark) { :root { $dark } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--window); color: var(--text); line-height: 1.6;
  font: 16px/1.6 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
main, header { max-width: 48rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2.5rem; }
main { padding-bottom: 4rem; }
h1.title { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem; }
header p, .who, .note, .info { color: var(--muted); font-size: .8125rem; }
header p { margin: 0; }
section { margin-top: 2rem; }
.who { margin: 0 0 .5rem; font-weight: 600; }
.who time { font-weight: 400; margin-left: .5rem; }
.user .said { background: var(--bubble); border-radius: 10px; padding: .75rem 1rem; }
.plain { white-space: pre-wrap; }
.said > :first-child, details > :nth-child(2) { margin-top: 0; }
.said > :last-child { margin-bottom: 0; }
h1, h2, h3, h4, h5, h6 { line-height: 1.3; margin: 1.5em 0 .5em; font-weight: 600; }
.said h1 { font-size: 1.35rem; } .said h2 { font-size: 1.2rem; } .said h3 { font-size: 1.075rem; }
.said h4, .said h5, .said h6 { font-size: 1rem; }
p, ul, ol, blockquote, table, pre, .display { margin: .75em 0; }
ul, ol { padding-left: 1.75em; }
li > p { margin: .25em 0; }
li.task { list-style: none; margin-left: -1.35em; }
li.task > input { margin: 0 .5em 0 0; vertical-align: -1px; }
li.task > input + p { display: inline; }
blockquote { margin-left: 0; padding-left: 1rem; border-left: 3px solid var(--border); color: var(--muted); }
a { color: var(--accent); }
p, li, h1, h2, h3, h4, h5, h6, td, th, summary, .plain { unicode-bidi: plaintext; text-align: start; }
pre, code, .math { direction: ltr; unicode-bidi: isolate; text-align: left; }
hr { border: 0; border-top: 1px solid var(--border); margin: 1.5em 0; }
code, pre { font-family: ui-monospace, "Cascadia Mono", "SF Mono", Menlo, "DejaVu Sans Mono", monospace; }
code { font-size: .875em; background: var(--inline_code); border-radius: 4px; padding: .1em .3em; }
pre { background: var(--sunken); border: 1px solid var(--border); border-radius: 6px; padding: .75rem 1rem;
  overflow-x: auto; font-size: .8125rem; line-height: 1.5; tab-size: 4; }
pre code { font-size: inherit; background: none; padding: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9375rem; }
th, td { border: 1px solid var(--border); padding: .35em .75em; vertical-align: top; }
th { background: var(--sunken); }
.math svg { overflow: visible; }
.math { position: relative; white-space: nowrap; }
.math .tex { position: absolute; left: 0; top: 0; width: 1px; height: 1px; overflow: hidden; opacity: 0; }
.display { display: block; overflow-x: auto; text-align: center; padding: .25em 0; }
details { margin: .5em 0 1em; padding-left: 1rem; border-left: 2px solid var(--border); color: var(--muted);
  font-size: .9375rem; }
summary { cursor: pointer; margin-left: -1rem; padding-left: .75rem; }
details[open] > summary { margin-bottom: .5em; }
.file { display: inline-block; border: 1px solid var(--border); border-radius: 6px; padding: .15em .6em;
  margin: 0 .5em .5em 0; font-size: .875rem; background: var(--surface); }
details pre { white-space: pre-wrap; }
.footnote { margin: .5em 0; color: var(--muted); font-size: .9375rem; }
.footnote > p { margin: .25em 0; }
.footnote > sup { margin-right: .35em; }
.footnote > sup + p { display: inline; }
.note { font-style: italic; }
.k { color: var(--code_keyword); } .t { color: var(--code_type); } .f { color: var(--code_function); }
.s { color: var(--code_string); } .n { color: var(--code_number); } .c { color: var(--code_comment);
  font-style: italic; }
.o { color: var(--code_operator); } .g { color: var(--code_tag); } .m { color: var(--code_meta); }
@media print {
  :root { $light }
  body { font-size: 11pt; background: none; }
  main, header { max-width: none; padding: 0; }
  pre { white-space: pre-wrap; }
  h1, h2, h3, h4, .who { break-after: avoid; }
  pre, table, .display { break-inside: avoid-page; }
}
""")


def stylesheet(light: Mapping[str, str], dark: Mapping[str, str]) -> str:
    """The style sheet; a palette has a colour as #RRGGBB for each of COLOURS."""
    return _SHEET.substitute(light=_variables(light), dark=_variables(dark))


def _variables(palette: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {palette[name]};" for name in COLOURS)

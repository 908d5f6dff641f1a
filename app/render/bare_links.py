"""Finds addresses that stand bare in a text, as GFM's extended autolinks do: http://, https://, www., e-mail.

Where this differs, it is for the reader: a link ends before CJK punctuation, quotes, ">" and a backtick,
which no address has in it, and before a "]" that it did not open. So "[see https://example.org]" and
"见https://example.org。" are right.
"""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

LONGEST: Final = 2000  # characters of an address; what is longer is text
_SCHEME: Final = re.compile(r"(?:^|[^a-z])(https?)$", re.IGNORECASE)
_WWW: Final = r"(?<![^\s*_~(\[\u2e80-\uffef])www\.(?=[^\s<])"
_TERMINATORS: Final = re.compile(rf"[\n!#$%&*+\-:<=>@\[\\\]^_`{{}}~]|{_WWW}", re.IGNORECASE)
_WWW_HERE: Final = re.compile(_WWW, re.IGNORECASE)
_ADDRESS: Final = re.compile(
    r"[^\s<>\"`\u3000-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+"
)
_ENTITY: Final = re.compile(r"&[a-zA-Z0-9]+;$")
_PAIRS: Final = {")": "(", "]": "["}
_PUNCTUATION: Final = "?!.,:*_~'\"”’»…"
_DOMAIN: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?(?=[/?#:]|$)", re.UNICODE)
_LOCAL: Final = re.compile(r"(?:mailto:)?[A-Za-z0-9.+_-]+$")
_MAIL_HOST: Final = re.compile(r"[A-Za-z0-9._-]+")
_LONGEST_LOCAL: Final = 128


def install(md: MarkdownIt) -> None:
    """Add the rules to a parser."""
    md.inline.terminator_re = _TERMINATORS
    md.inline.ruler.after("text", "bare_link", _bare_link)
    md.core.ruler.after("inline", "bare_mail", _bare_mail)


def trimmed(address: str) -> str:
    """An address without what belongs to the sentence around it: GFM's rules, and a "]" like a ")"."""
    end = len(address)
    counts = {char: address.count(char) for char in "()[]"}
    while end:
        last = address[end - 1]
        if last in _PUNCTUATION:
            end -= 1
        elif last in _PAIRS:
            if counts[last] <= counts[_PAIRS[last]]:
                break
            counts[last] -= 1
            end -= 1
        elif last == ";" and (entity := _ENTITY.search(address, max(0, end - 32), end)):
            end = entity.start()
        else:
            break
    return address[:end]


def _has_host(rest: str, needs_dot: bool) -> bool:
    """Whether an address behind its scheme begins with a host; an underscore is not in its last two parts."""
    found = _DOMAIN.match(rest)
    if found is None:
        return False
    parts = found[0].rstrip(".").split(".")
    return (len(parts) > 1 or not needs_dot) and not any("_" in part for part in parts[-2:])


def _bare_link(state: StateInline, silent: bool) -> bool:
    if silent or state.linkLevel > 0:
        return False
    src, pos, scheme = state.src, state.pos, ""
    if src.startswith("://", pos):
        before = _SCHEME.search(state.pending[-8:])
        if before is None:
            return False
        scheme = before[1]
    elif src[pos] not in "wW" or not _WWW_HERE.match(src, pos):
        return False
    begin = pos + 3 if scheme else pos
    found = _ADDRESS.match(src, begin, min(state.posMax, begin + LONGEST))
    if found is None or found.end() == begin + LONGEST:
        return False
    address = trimmed(found[0])
    if not _has_host(address, not scheme):
        return False
    if scheme:
        state.pending = state.pending[: -len(scheme)]
    whole = f"{scheme}://{address}" if scheme else address
    _push(state, whole, whole if scheme else f"http://{address}")
    state.pos = begin + len(address)
    return True


def _push(state: StateInline, text: str, address: str) -> None:
    token = state.push("link_open", "a", 1)
    token.attrs = {"href": state.md.normalizeLink(address.replace("&amp;", "&"))}
    token.info = "auto"
    token = state.push("text", "", 0)
    token.content = text
    token = state.push("link_close", "a", -1)
    token.info = "auto"


def _bare_mail(state: StateCore) -> None:
    """E-mail addresses in what is text at the end: an underscore in one may have been looked at as a mark."""
    for block in state.tokens:
        children = block.children
        if not children or not any("@" in child.content for child in children if child.type == "text"):
            continue
        links, made = 0, []
        for child in children:
            links += {"link_open": 1, "link_close": -1}.get(child.type, 0)
            made += _with_mails(child) if child.type == "text" and not links else [child]
        block.children = made


def _with_mails(token: Token) -> list[Token]:
    text, done, made = token.content, 0, []
    at = text.find("@")
    while at >= 0:
        alone = at == done or text[at - 1] in " @\n"
        local = None if alone else _LOCAL.search(text[max(done, at - _LONGEST_LOCAL) : at])
        host = _MAIL_HOST.match(text, at + 1)
        name = host[0].rstrip(".") if host else ""
        if local and "." in name.strip(".") and name[-1] not in "-_" and not name.startswith("."):
            begin, end = at - len(local[0]), at + 1 + len(name)
            shown = text[begin:end]
            address = shown if shown.startswith("mailto:") else f"mailto:{shown}"
            made += [_text(text[done:begin], token), _mark("link_open", 1, address), _text(shown, token)]
            made.append(_mark("link_close", -1))
            done = end
        at = text.find("@", max(at + 1, done))
    return [*made, _text(text[done:], token)]


def _text(content: str, like: Token) -> Token:
    return Token("text", "", 0, content=content, level=like.level)


def _mark(kind: str, nesting: int, address: str = "") -> Token:
    token = Token(kind, "a", nesting, info="auto")  # type: ignore[arg-type]
    if address:
        token.attrs = {"href": address}
    return token

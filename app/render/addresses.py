"""Where a link leads, in words that can't mislead: hosts that could pass for others are shown in punycode."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from app.language import tr
from app.render.unseen import shown

_CLAIM: Final = re.compile(r"\s*(https?://|www\.)?([\w-]+(?:\.[\w-]+)+)(?=[\s:/?#]|$)", re.IGNORECASE)
_MAIL: Final = re.compile(r"\s*(?:mailto:)?([\w.+-]+@[\w.-]+\w)\s*$")
#: Ends of names that a text may well mean as a host; "main.py" and "README.md" are none.
_ENDS: Final = frozenset(
    [
        "com",
        "org",
        "net",
        "edu",
        "gov",
        "mil",
        "int",
        "io",
        "dev",
        "app",
        "co",
        "info",
        "biz",
        "bank",
        "eu",
        "uk",
        "de",
        "fr",
        "es",
        "it",
        "nl",
        "ch",
        "at",
        "jp",
        "cn",
        "in",
        "br",
        "au",
    ]
)
_TOGETHER: Final = ({"CJK", "HIRAGANA", "KATAKANA"}, {"CJK", "HANGUL"}, {"CJK", "BOPOMOFO"})
#: Scripts with letters that look like Latin ones.
_ALIKE: Final = {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"}
_LAST_LATIN: Final = "\u024f"  # of the letters with marks; behind it are phonetic ones that look plain
_ENCODED: Final = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")


@dataclass(frozen=True, slots=True)
class Target:
    """An address as a reader may see it, and what is to be said about it, if anything."""

    address: str
    warning: str = ""

    @property
    def line(self) -> str:
        """Both as one line."""
        return f"{self.warning} · {self.address}" if self.warning else self.address


def target(address: str, text: str = "") -> Target:
    """What to show for a link's address; `text` is what the link itself says."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return Target(shown(address, code=True), tr("Not a valid address"))
    if parts.scheme == "mailto":
        return Target(_letters(address), _other_mail(address, text))
    name = readable_host(host)
    before, at, _ = parts.netloc.rpartition("@")
    whole = _letters(address)
    if host and name != host:
        whole = whole.replace(host, name, 1)
    if at:
        claimed = shown(unquote(before), code=True).split(":")[0]
        said = _goes(name, claimed) if "." in claimed else tr("Goes to {name}", name=name)
        return Target(whole, said)
    claim = _claim(text)
    if claim and not _is_of(host, claim):
        return Target(whole, _goes(name, claim))
    return Target(whole)


def _goes(name: str, claimed: str) -> str:
    return tr("Goes to {name}, not to {claimed}", name=name, claimed=claimed)


def readable_host(host: str) -> str:
    """A host with its letters where these are of one script and can't be taken for Latin; else as it is."""
    labels = host.split(".")
    ascii_end = not labels[-1].startswith("xn--")
    return ".".join(_readable(label, ascii_end) for label in labels)


def _readable(label: str, ascii_end: bool) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        text = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label
    scripts = {unicodedata.name(char, "?").split(" ")[0] for char in text if char.isalpha()}
    plain = all(char.isalnum() or char in "-・ー" for char in text) and not any(
        map(unicodedata.combining, text)
    )
    if not plain or text != text.lower() or unicodedata.normalize("NFKC", text) != text:
        return label
    if (scripts & _ALIKE and ascii_end) or ("LATIN" in scripts and max(text) > _LAST_LATIN):
        return label
    # Latin beside another script is how one name is made to look like another
    return text if len(scripts) == 1 or any(scripts <= group for group in _TOGETHER) else label


def _letters(address: str) -> str:
    """The address with encoded letters of left-to-right scripts as letters."""
    return shown(_ENCODED.sub(_decoded, address), code=True)


def _decoded(found: re.Match[str]) -> str:
    try:
        text = unquote(found[0], errors="strict")
    except UnicodeError:
        return found[0]
    fine = all(char.isalpha() and unicodedata.bidirectional(char) == "L" for char in text)
    return text if fine else found[0]


def _claim(text: str) -> str:
    """The host that a text names, or nothing."""
    found = _CLAIM.match(text)
    if found is None:
        return ""
    host = found[2].lower()
    return host if found[1] or host.rpartition(".")[2] in _ENDS else ""


def _is_of(host: str, claim: str) -> bool:
    """Whether a host is what was claimed, or below it."""
    claim = claim.removeprefix("www.")
    try:
        claim = claim.encode("idna").decode("ascii")
    except UnicodeError:
        return False
    return host.lower().removeprefix("www.") == claim or host.lower().endswith("." + claim)


def _other_mail(address: str, text: str) -> str:
    claim = _MAIL.match(text)
    goes = unquote(address[len("mailto:") :].partition("?")[0])
    if claim is None or claim[1].lower() == goes.lower():
        return ""
    return _goes(shown(goes, code=True), claim[1])

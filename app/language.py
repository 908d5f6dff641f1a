"""The language that the program speaks: English in the sources, others out of gettext catalogues.

    tr("Reading {name}", name=title)                        a text
    ntr("{count} file", "{count} files", number)            one that counts, in the language's own plurals
    ctr("menu", "Open")                                     one that means other things elsewhere
    mark("Stopped")                                         found by `make i18n`, translated where it is used

Never call the first three while a module is imported: the language is not chosen yet. Constants take
`mark`, and `tr` where they are shown. Numbers in the values are written as the language writes them.
A value is never looked into: its braces stay what they are.

CASCADE_LANGUAGE (a code as "de", "en" or "pseudo") goes to the processes that the program starts.
"""

from __future__ import annotations

import gettext
import locale
import os
import re
import string
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

VARIABLE: Final = "CASCADE_LANGUAGE"
DOMAIN: Final = "cascade-desk"
SOURCE: Final = "en"
#: Longer and accented: shows what is not translated, and what has no room.
PSEUDO: Final = "pseudo"
#: Thousands and decimals; what isn't here is written as in English.
_SEPARATORS: Final = {"de": (".", ","), "es": (".", ","), "it": (".", ","), "fr": ("\u202f", ",")}
_FIELD = re.compile(r"(\{[^{}]*\}|&\w?|<[^<>]*>|\s+)")
_ACCENTS = str.maketrans("AEIOUYaeiouycnszCNSZ", "ÅÉÎÕÛÝåéîõûýçñšžÇÑŠŽ")
#: Characters of a word of the pseudo language.
_WORD: Final = 6
_CODE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")


def tr(text: str, /, **values: object) -> str:
    """The text in the chosen language, with its `{fields}` filled in."""
    return _fill(_catalogue().gettext(text) if text else "", text, values)


def ntr(one: str, many: str, count: int, /, **values: object) -> str:
    """The form of the text that `count` things take; `{count}` in it is that number."""
    text = _catalogue().ngettext(one, many, count)
    return _fill(text, one if count == 1 else many, {"count": count, **values})


def ctr(context: str, text: str, /, **values: object) -> str:
    """A text that has another meaning, and maybe another translation, than the same words elsewhere."""
    return _fill(_catalogue().pgettext(context, text), text, values)


def mark(text: str) -> str:
    """The text itself: it is translated later, where it is shown."""
    return text


def number(value: float, spec: str = ",") -> str:
    """The number as the language writes it; `spec` as in `format`."""
    text = format(value, spec)
    thousands, decimal = _SEPARATORS.get(spoken().partition("_")[0], (",", "."))
    return text.translate({ord(","): thousands, ord("."): decimal})


def language() -> str:
    """The code of the language that was chosen, else the system's; there may be no catalogue of it."""
    return _usable(os.environ.get(VARIABLE, "")) or _system()


def spoken() -> str:
    """The code of the language that texts really are in: one with a catalogue, `pseudo`, or English."""
    return _load(language())[0]


def load() -> None:
    """Read the catalogue now, and not with the first text."""
    _catalogue()


def choose(code: str) -> None:
    """Speak this language from now on, here and in processes started later; "" follows the system."""
    code = _usable(code)
    if code:
        os.environ[VARIABLE] = code
    else:
        os.environ.pop(VARIABLE, None)
    _of_system.cache_clear()


def languages() -> list[str]:
    """The codes of what there is to choose from, the sources' language first."""
    folder = resources.files("resources") / "translations"
    found = (entry.name for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else ()
    return [SOURCE, *sorted(name for name in found if _CODE.fullmatch(name))]


def _usable(code: str) -> str:
    """A code out of a settings file or the environment; "" unless it looks like one."""
    return code.replace("-", "_") if _CODE.fullmatch(code) else ""


def _system() -> str:
    variables = tuple(os.environ.get(name, "") for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    return _of_system(variables)


@cache
def _of_system(variables: tuple[str, ...]) -> str:
    """The language that the environment names; where it names none, as on Windows, what the system says."""
    named = next((value.partition(":")[0].partition(".")[0] for value in variables if value), "")
    if not named:
        named = (locale.getlocale()[0] or "").partition(".")[0]
    return _usable(named) or SOURCE


def _catalogue() -> gettext.NullTranslations:
    return _load(language())[1]


@cache
def _load(code: str) -> tuple[str, gettext.NullTranslations]:
    """The catalogue of a language, or of the one it is a kind of (de_AT → de), and its code; else English."""
    if code == PSEUDO:
        return PSEUDO, _Pseudo()
    for name in dict.fromkeys((code, code.partition("_")[0])):
        place = resources.files("resources") / "translations" / name / "LC_MESSAGES" / f"{DOMAIN}.mo"
        try:
            with place.open("rb") as file:
                return name, gettext.GNUTranslations(file)
        except Exception:  # there is none, or it is damaged, for which gettext has no error of its own
            continue
    return SOURCE, gettext.NullTranslations()


class _Formatter(string.Formatter):
    """Fills in names alone: no attribute and no item of a value can be reached by a translation."""

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        del args
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return number(value, format_spec or ("," if isinstance(value, int) else ""))
        return format(value, format_spec)


_FORMATTER = _Formatter()


def _fill(text: str, source: str, values: Mapping[str, object]) -> str:
    if not values:
        return text
    try:
        return _FORMATTER.vformat(text, (), values)
    except (KeyError, ValueError, IndexError):
        return _FORMATTER.vformat(source, (), values)  # a translation that is wrong is no reason to stop


def _longer(length: int) -> str:
    """So many characters, in words."""
    return " ".join("~" * min(_WORD, length - at) for at in range(0, length, _WORD))[:length]


class _Pseudo(gettext.NullTranslations):
    """Each text a third longer, accented and in brackets; fields, mnemonics and tags stay.

    What makes it longer is in words, so that a line breaks where another language's would.
    """

    def gettext(self, message: str) -> str:
        parts = _FIELD.split(message)
        accented = "".join(part if i % 2 else part.translate(_ACCENTS) for i, part in enumerate(parts))
        return f"⟦{accented}{_longer(len(message) // 3)}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        del context
        return self.gettext(message)

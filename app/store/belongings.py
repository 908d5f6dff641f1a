"""Personas, snippets and what the window keeps of itself."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager

from app.chat.conversation import Persona
from app.chat.library import Snippet
from app.store.rows import clean, dump, dump_value, parse, settings_of


class Belongings:
    """The part of the store that belongs to no conversation."""

    def _reading(self) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError

    def _writing(self) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError

    def personas(self) -> list[Persona]:
        """The personas by name."""
        with self._reading() as con:
            found = con.execute("SELECT id, name, settings FROM persona ORDER BY name COLLATE NOCASE, number")
            return [Persona(one, name, settings_of(settings)) for one, name, settings in found]

    def save_persona(self, persona: Persona) -> None:
        """Add a persona, or put it in the place of the one with its id."""
        values = (persona.id, clean(persona.name), dump_value(persona.settings))
        with self._writing() as con:
            con.execute(
                "INSERT INTO persona (id, name, settings) VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET name = excluded.name, settings = excluded.settings",
                values,
            )

    def remove_persona(self, id: str) -> None:
        with self._writing() as con:
            con.execute("DELETE FROM persona WHERE id = ?", (id,))

    def snippets(self) -> list[Snippet]:
        """The snippets by name."""
        with self._reading() as con:
            found = con.execute("SELECT id, name, text FROM snippet ORDER BY name COLLATE NOCASE, number")
            return [Snippet(*row) for row in found]

    def save_snippet(self, snippet: Snippet) -> None:
        """Add a snippet, or put it in the place of the one with its id."""
        with self._writing() as con:
            con.execute(
                "INSERT INTO snippet (id, name, text) VALUES (?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET name = excluded.name, text = excluded.text",
                (snippet.id, clean(snippet.name), clean(snippet.text)),
            )

    def remove_snippet(self, id: str) -> None:
        with self._writing() as con:
            con.execute("DELETE FROM snippet WHERE id = ?", (id,))

    def state(self, key: str) -> object | None:
        """What was kept under a key; None where there is nothing, or nothing that can be read."""
        with self._reading() as con:
            found = con.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
            return parse(found[0]) if found else None

    def set_state(self, key: str, value: object) -> None:
        """Keep a value that JSON can say."""
        with self._writing() as con:
            con.execute(
                "INSERT INTO state (key, value) VALUES (?, ?) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, dump(value)),
            )

"""Conversations for the tests of the store."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from app.chat.conversation import ChatSettings, Conversation
from app.chat.parts import AnswerInfo, AttachmentPart, Message, ReasoningPart, TextPart
from app.store.database import NAME


def told(id: str, text: str, role: str = "user") -> Message:
    return Message(id, role, (TextPart(text),), created=1000.0)  # type: ignore[arg-type]


def branched(title: str = "Trees", prefix: str = "") -> Conversation:
    """Two questions, the second with two answers, and all that a message can have."""
    conversation = Conversation(title=title, titled=True, id=f"{prefix}conversation")
    settings = ChatSettings(system="Be short.", thinking_budget=100, temperature=0.5, seed=7)
    conversation.settings, conversation.persona = settings, "persona"
    question = Message(
        f"{prefix}q1",
        "user",
        (AttachmentPart("a.txt", "attached"), TextPart("What is a tree?")),
        created=100.0,
    )
    thought = ReasoningPart("A plant, I think.", 1.5, 6)
    info = AnswerInfo("Model", "Q4_K_M", "thinking", 12, 30.5, 0.25)
    first = Message(f"{prefix}a1", "assistant", (thought, TextPart("A **plant**.")), "", 101.0, info)
    second = Message(f"{prefix}a2", "assistant", (TextPart("A graph"),), "length", 102.0, edited=True)
    last = Message(f"{prefix}q2", "user", (TextPart("Thanks"),), created=103.0, deleted=True)
    conversation.add(question, None)
    conversation.add(first, f"{prefix}q1")
    conversation.add(second, f"{prefix}q1")
    conversation.add(last, f"{prefix}a1")
    return conversation


def raw(folder: Path) -> sqlite3.Connection:
    """The database as it is, beside the store."""
    return sqlite3.connect(folder / NAME, isolation_level=None)


def whole(folder: Path) -> bool:
    """Whether SQLite finds no fault in the file, nor in what refers to what."""
    con = raw(folder)
    try:
        found = con.execute("PRAGMA integrity_check").fetchall()
        dangling = con.execute("PRAGMA foreign_key_check").fetchall()
        for table in ("found_title", "found_message"):
            con.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
        return found == [("ok",)] and not dangling
    finally:
        con.close()

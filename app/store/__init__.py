"""Saved conversations: one SQLite file, one class."""

from app.store.opening import OpenReport
from app.store.store import Store

__all__ = ["OpenReport", "Store"]

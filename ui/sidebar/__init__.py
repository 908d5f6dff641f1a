"""The list of conversations: sections by folder and date, search, archive, what was deleted."""

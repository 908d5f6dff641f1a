"""The conversation for screen readers: a tree of named nodes, and what is said aloud by itself."""

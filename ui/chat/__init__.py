"""The conversation view: one virtualised scroll area of blocks."""

"""What the app tells of itself when something went wrong: logs, traces, faults. Never a word of a conversation."""

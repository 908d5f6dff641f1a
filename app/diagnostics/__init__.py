"""What the app tells of itself when something went wrong: log, traces, faults; no word of a conversation."""

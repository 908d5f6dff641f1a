"""Conversations out to files and in from files. Runs in child processes; no Qt."""

"""Processes and threads that keep running: the supervisor, child processes, periodic workers."""

"""Backups of a whole installation: made while it serves, and put into an empty one."""

"""Deletes what is older than the settings keep it: at night, or when an operator says so."""

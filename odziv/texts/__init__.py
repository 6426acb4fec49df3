"""Sentences for people, in each language that is served."""

from pathlib import Path

FOLDER = Path(__file__).parent

"""Measurements of the running product: against plain Rasa, under kills, and on public question sets."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the product runs, and before numpy or torch load

"""The rows of `python -m bench.faults`, what goes wrong in each; the load it meets; and what has to hold then."""

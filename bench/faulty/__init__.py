"""What goes wrong in `bench.faults`, a row of its matrix each; the load it meets; and what has to hold then."""

"""What every page of the desk stands in: rights, safety, errors, labels, look-ups."""

"""What is measured of the desk with a database of some years."""

"""What the lists that are kept at the desk share: their order, and that a program's repeat makes nothing twice."""

"""Labels: administrators keep the list, agents put them on conversations."""

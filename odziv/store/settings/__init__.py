"""What administrators set at the desk: values, and the history of their changes."""

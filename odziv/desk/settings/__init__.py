"""What administrators set at the desk: a page a section, the sites with a preview, and the history."""

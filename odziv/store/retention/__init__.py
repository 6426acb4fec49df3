"""What is older than it is to be kept: looked for without holding anybody up, and deleted a few at a time."""

"""What is kept at the desk, for programs: labels, fields, saved replies, views, macros and rules."""

"""What a whole team works by: macros, fields, rules, and who has what."""

"""A mail read for people: bytes as letters, HTML as lines, what is quoted of us, what is forwarded."""

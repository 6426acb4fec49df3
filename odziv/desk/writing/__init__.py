"""Writing: to whom it goes by e-mail, what is begun, and mails that an agent begins."""

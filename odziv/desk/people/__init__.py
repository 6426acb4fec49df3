"""People and programs that may come in: accounts, sign-in, roles, tokens, webhooks."""

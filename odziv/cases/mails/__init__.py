"""What of an e-mail is a customer's question."""

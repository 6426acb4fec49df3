"""What has legal effect and goes to a person at once: withdrawals, lawyers, authorities."""

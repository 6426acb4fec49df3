"""What happened: the report, and the audit trail."""

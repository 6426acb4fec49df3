"""What several of each process do together, on PostgreSQL and Redis."""

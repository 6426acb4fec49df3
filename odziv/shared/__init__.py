"""What the processes of an installation know together beside the database, and may lose: it is in Redis."""

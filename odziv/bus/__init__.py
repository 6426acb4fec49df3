"""What the processes of an installation tell each other, beside the database: small, quick, and allowed to be lost."""

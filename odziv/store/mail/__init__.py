"""E-mail: what came in, what goes out, and notifications."""

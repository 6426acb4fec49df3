"""The real IMAP server of the tests: the night of mail has the same."""

from bench.parts.dovecot import PASSWORD, USER, serve_imap

__all__ = ["PASSWORD", "USER", "serve_imap"]

"""E-mail, another door for customers: out through SMTP, in through IMAP or a maildir."""

"""One conversation: its log, its customer, and everything that an agent does with it."""

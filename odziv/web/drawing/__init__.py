"""Pictures: drawn anew before they are kept, and where agents' own are found."""

"""What the assistant knows: passages, proposals, flags, feedback."""

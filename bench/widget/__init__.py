"""What the widget costs a page, and what is left of a conversation whose connections break."""

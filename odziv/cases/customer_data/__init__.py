"""What is known of customers, for whoever may have it: taken away as a file, or erased with a receipt."""

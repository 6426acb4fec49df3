"""Fields: administrators say what is to be known of customers and conversations, agents fill it in."""

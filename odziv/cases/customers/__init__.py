"""Who a customer is: what a browser and its site tell of them, and where mail to them may go."""

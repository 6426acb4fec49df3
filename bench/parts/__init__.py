"""What the benches share: the product started for them, customers, processes, browsers, figures and rows."""

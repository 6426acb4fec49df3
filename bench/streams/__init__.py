"""How the product does with thousands of open pages."""

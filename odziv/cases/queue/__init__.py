"""The order in which customers who wait get a person, and what they are told of it."""

"""What so many conversations a day would take: a model made of measured parts."""

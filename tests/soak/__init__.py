"""`make soak`: the whole stack under load while all around it fails, and a table that has to add up."""

"""The similarity service: which repositories are alike, and what of that has just changed."""

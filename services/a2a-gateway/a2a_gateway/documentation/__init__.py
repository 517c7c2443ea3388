"""The documentation of a repository, held against rules that are data."""

"""What people say in the files that are theirs: frozen types, and errors that name line and remedy."""

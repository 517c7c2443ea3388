"""`devnexus extract`: one repository, or one range of its commits, read as the services read it."""

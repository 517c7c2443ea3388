"""The same knowledge for people, rendered on the server."""

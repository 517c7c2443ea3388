"""What keeps a plan from being made."""


class Problem(Exception):
    """A file cannot be read, or says what this plan does not understand."""

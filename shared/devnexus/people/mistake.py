"""The one error of every file that people write."""


class Mistake(Exception):
    """A file says something that it cannot mean; the text names the line or field and what is allowed.

    It never repeats a value: that may be a secret in the wrong place.
    """

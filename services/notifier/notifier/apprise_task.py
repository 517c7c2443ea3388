"""What the notifier and the process that runs apprise say to each other."""

from devnexus.values import Value


class Task(Value):
    """What is to be done, on stdin."""

    url: str
    title: str = ""
    body: str = ""
    """Empty: only look which service it is."""
    allow_private: bool = False
    seconds: float


class Outcome(Value):
    """What came of it, on stdout."""

    schemes: tuple[str, ...] = ()
    """How addresses of the service begin; empty where apprise knows no service for the address."""
    taken: bool = False
    private: str | None = None
    """An address that is not public and was not connected to."""
    said: tuple[str, ...] = ()
    """What apprise wrote about it; it may hold what the address holds."""

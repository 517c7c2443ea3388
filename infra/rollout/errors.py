"""What ends a rollout."""


class Failed(Exception):
    """The new version does not serve: a command or a smoke test failed. Its text says which, and how."""


class Interrupted(BaseException):
    """Somebody ended this process (SIGTERM, SIGINT)."""

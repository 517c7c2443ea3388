"""The errors that decide what happens to a message, and those that stop a start.

Trees: ServiceError → Rejected, Unavailable; ConfigurationError → NoCredentials, which no message causes.
"""


class ServiceError(Exception):
    """A delivery could not be handled; the subclass says whether the same message may succeed later."""


class Rejected(ServiceError):
    """The message is invalid for good: park it with this reason, never redeliver it."""


class Unavailable(ServiceError):
    """Something that we depend on failed: the same message may succeed later, so redeliver it."""

    def __init__(self, text: str = "", *, retry_after_seconds: float | None = None) -> None:
        super().__init__(text)
        self.retry_after_seconds = retry_after_seconds
        """How long whoever refused asked us to wait; None if it did not say."""


class ConfigurationError(Exception):
    """A setting or a program that we need is missing or wrong; the text names it and the remedy."""


class NoCredentials(ConfigurationError):
    """Nothing at all says how to reach what is named, as in the runs of strangers, which get no secrets."""

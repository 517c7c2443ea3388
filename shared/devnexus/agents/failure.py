"""What goes wrong with an agent on the other side."""


class AgentFailed(Exception):
    """An agent did not do what it was asked: its text says which, what happened, and what to do about it.

    Of what the agent itself wrote, the text holds at most a short excerpt, fit to print.
    """

    def __init__(
        self,
        agent: str,
        happened: str,
        *,
        remedy: str,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{agent}: {happened}. {remedy}")
        self.agent = agent
        self.happened = happened
        self.remedy = remedy
        self.status = status
        """Of its answer; None if there was none."""
        self.retry_after = retry_after
        """Seconds that it asked to be left alone for."""

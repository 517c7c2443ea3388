"""What GitHub's refusals mean, and what a person does about them."""

import re
import time
from collections.abc import Mapping

from devnexus.errors import Unavailable
from devnexus.printable import printable

_WITHOUT_HEADER_SECONDS = 60.0
"""What GitHub asks to wait where it does not say how long."""

_LIMITS = ("rate limit", "abuse detection", "retry your request again later", "wait a few minutes")
_PROTECTED = (
    "protected branch",
    "protected ref",
    "required status check",
    "rule violation",
    "through a pull request",
)


class Refused(Unavailable):
    """GitHub understood and will not do it: somebody has to change what the text names."""

    def __init__(self, text: str, *, status: int, message: str = "", location: str | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.message = message
        """What GitHub said."""
        self.location = location
        """Where the repository is now, if it moved."""


def refusal(
    status: int, body: object, headers: Mapping[str, str], *, action: str, repository: str
) -> Unavailable:
    """The error that an answer other than success means; `headers` by lower-case name."""
    message = _message(body)
    if _is_limit(status, message, headers):
        wait = _wait_seconds(headers)
        return Unavailable(
            f"GitHub asks to wait {wait:.0f} s ({action}: {message})", retry_after_seconds=wait
        )
    if status >= 500 or status < 300 or status == 408:
        return Unavailable(f"GitHub failed with {status} ({action}: {message})")
    text = f"GitHub refused {action} with {status} ({message}): {_remedy(status, message, repository)}"
    location = headers.get("location") if status in {301, 307, 308} else None
    return Refused(text, status=status, message=message, location=location)


def without_queries(text: str) -> str:
    """`text` without the query of any address in it: the address of a private archive holds a token."""
    return printable(re.sub(r"\?[^\s'\")]*", "?…", text))


def _remedy(status: int, message: str, repository: str) -> str:
    said = message.lower()
    if status in {301, 307, 308}:
        return f"{repository} was renamed or moved; use its new name"
    if status == 401:
        return (
            "the credentials are wrong or expired; renew KNOWLEDGE_TOKEN, or check GITHUB_APP_ID and its key"
        )
    if "archived" in said or "read-only" in said:
        return f"{repository} is archived and so read-only; unarchive it"
    if any(word in said for word in _PROTECTED):
        return "its branch main is protected; let these credentials bypass the rule, or take main out of it"
    if status == 403 or "permissions requested" in said:
        return f'grant the credentials "contents: write" (readers: "contents: read") on {repository}'
    if status == 404:
        return f"{repository} or this part of it is not there, or not for these credentials (install the App)"
    if status == 409 and "empty" in said:
        return f"{repository} is empty; create the base: devnexus kb init github:{repository}"
    return "see what GitHub said"


def _is_limit(status: int, message: str, headers: Mapping[str, str]) -> bool:
    if status == 429:
        return True
    said = message.lower()
    return status == 403 and (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or any(word in said for word in _LIMITS)
    )


def _wait_seconds(headers: Mapping[str, str]) -> float:
    if headers.get("retry-after", "").isdigit():
        return float(headers["retry-after"])
    if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdigit():
        return max(1.0, float(headers["x-ratelimit-reset"]) - time.time())
    return _WITHOUT_HEADER_SECONDS


def _message(body: object) -> str:
    said = body.get("message") if isinstance(body, dict) else None
    return printable(str(said or "no reason given"))[:200]

"""One POST of JSON to a chat, and what its refusal means where the chat has no words of its own."""

from collections.abc import Mapping

from devnexus.outbound import Answer, NoAnswer, Outbound, WebAddress
from devnexus.values import canonical_json, load_json
from notifier.channel import DeliveryFailed

_MOST_READ = 256 * 1024
"""A chat may answer with the message as it shows it."""


def post(
    outbound: Outbound,
    address: WebAddress,
    content: Mapping[str, object],
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """The answer with its body, whatever its status; raise DeliveryFailed if there is none."""
    told = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "dev-nexus", **(headers or {})}
    try:
        return outbound.request("POST", address, headers=told, body=canonical_json(content), most=_MOST_READ)
    except NoAnswer as error:
        raise DeliveryFailed(str(error)) from error


def fields_of(answer: Answer) -> Mapping[str, object]:
    """The JSON object in the answer, or nothing where it holds none."""
    try:
        content = load_json(answer.body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def described(address: WebAddress, answer: Answer) -> str:
    """`example.org answered 302; redirects are not followed`."""
    hint = "; redirects are not followed" if 300 <= answer.status < 400 else ""
    return f"{address.host} answered {answer.status}{hint}"

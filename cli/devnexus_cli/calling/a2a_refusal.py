"""Why an A2A agent does not answer, in the words of `devnexus call`."""

from collections.abc import Mapping

import httpx
from a2a.utils.errors import A2AError

from devnexus_cli.calling.gateway import NotReached, Reply


def refused(error: A2AError, url: str) -> Reply:
    """The refusal that the client read from what was answered; raise NotReached where nothing was."""
    match error.__cause__:
        case httpx.HTTPStatusError() as answered:
            return Reply(answered.response.status_code, _body(answered.response, error))
        case httpx.RequestError() as broken:
            why = str(broken) or type(broken).__name__
            raise NotReached(f"nothing answers at {broken.request.url} ({why})") from error
        case ValueError():
            raise NotReached(f"what {url} answers is no A2A") from error
    return Reply(400, {"success": False, "error": error.message})


def _body(response: httpx.Response, error: A2AError) -> Mapping[str, object]:
    """What a refusal says, whether the protocol speaks or what stands before it."""
    try:
        told = response.json()
    except ValueError:
        told = None
    match told:
        case {"error": {"message": str(message), **problem}}:
            details = problem.get("details", problem.get("data"))
            return {"success": False, "error": message, **_violations(details)}
        case {"error": str()}:
            return {**told, "success": False}
    about = f"{response.url} answers {response.status_code}" if told is None else error.message
    return {"success": False, "error": about}


def _violations(details: object) -> Mapping[str, object]:
    """Which fields are wrong, and how."""
    wrong: list[object] = []
    for detail in details if isinstance(details, list) else ():
        match detail:
            case {"fieldViolations": [*violations]}:
                wrong += violations
    return {"fields": wrong} if wrong else {}

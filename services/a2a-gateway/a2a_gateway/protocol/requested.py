"""Where a request says that this service is."""

import re

from starlette.types import Scope

_HOST = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")


def requested_url(scope: Scope) -> str:
    """The address without a path; what listens here, where the header Host is missing or is no host."""
    told = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    host = told[0] if len(told) == 1 and _HOST.fullmatch(told[0]) else _own(scope)
    return f"{scope['scheme']}://{host}"


def _own(scope: Scope) -> str:
    host, port = scope.get("server") or ("localhost", None)
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if port else str(host)

"""Whether a client is a browser or an agent, by what it says it accepts."""

from werkzeug.datastructures import MIMEAccept


def prefers_html(accept: MIMEAccept) -> bool:
    """Whether HTML is wanted more than JSON; who takes anything gets JSON."""
    return accept.best_match(["application/json", "text/html"]) == "text/html"

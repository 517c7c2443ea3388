"""The part of the service that Flask serves: people's pages, and what tells agents of the skills."""

import logging
import uuid
from functools import cache
from http import HTTPStatus

from flask import Flask, Response, jsonify, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

from a2a_gateway.described.card import Entry, Home, agent_card, front_page, skill_entries
from a2a_gateway.knowledge.read_model import ReadModel
from a2a_gateway.negotiation import prefers_html
from a2a_gateway.pages.routes import overview_response, page_routes, problem
from a2a_gateway.registry import Skills
from a2a_gateway.stamp import stamp

_HEADERS = {
    # what is shown comes from repositories that nobody vouches for: no script, no image, nothing from outside
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_log = logging.getLogger(__name__)


def make_site(*, skills: Skills, model: ReadModel, home: Home) -> Flask:
    """The WSGI application."""
    app = Flask(__name__, static_folder=None)
    app.json = _InOrder(app)
    app.register_blueprint(page_routes(model))

    @cache
    def entries() -> list[Entry]:  # some 50 ms, for those alone who ask
        return skill_entries(skills)

    @app.get("/.well-known/agent.json")
    def card() -> Response:
        return jsonify(agent_card(entries(), home, request.host_url.rstrip("/")))

    @app.get("/")
    def front() -> Response:
        if prefers_html(request.accept_mimetypes):
            response = overview_response(model)
        else:
            response = jsonify(front_page(skills, home, request.host_url.rstrip("/")))
        response.vary.add("Accept")
        return response

    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _bug)
    app.after_request(_guarded)
    return app


class _InOrder(DefaultJSONProvider):
    """JSON with fields in the order in which they are said, and text as it is."""

    sort_keys = False
    ensure_ascii = False


def _guarded(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _http_error(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if prefers_html(request.accept_mimetypes):
        return problem(error.name, error.description or "", status)
    response = jsonify(success=False, detail=error.name, error=error.name, **stamp())
    response.status_code = status
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return response


def _bug(error: Exception) -> Response:
    request_id = uuid.uuid4().hex
    _log.error(
        "bug: %s",
        type(error).__name__,
        exc_info=error,
        extra={"request_id": request_id, "method": request.method, "path": request.path},
    )
    if prefers_html(request.accept_mimetypes):
        text = f"This should not have happened. The log has more under {request_id}."
        return problem("Internal error", text, HTTPStatus.INTERNAL_SERVER_ERROR)
    response = jsonify(success=False, error="Internal error", request_id=request_id, **stamp())
    response.status_code = HTTPStatus.INTERNAL_SERVER_ERROR
    return response

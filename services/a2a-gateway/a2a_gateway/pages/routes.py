"""What people's browsers ask for: five kinds of pages and one style sheet."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Response, request

from a2a_gateway.callers.caller import caller_of
from a2a_gateway.knowledge.read_model import ReadModel
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.pages.overview import overview
from a2a_gateway.pages.pair import pair_page
from a2a_gateway.pages.pattern import pattern_page
from a2a_gateway.pages.receipt import receipt_page
from a2a_gateway.pages.render import STYLE, STYLE_NAME, build, render
from a2a_gateway.pages.repository import repository_page
from devnexus.errors import Unavailable
from devnexus.knowledge.projection import Projection
from devnexus.knowledge.store import Damaged

_FOR_A_YEAR = "public, max-age=31536000, immutable"
_NO_REPOSITORY = (
    "No repository of that name is known. Its name may have changed, or no push to it has been read yet."
)
_NO_PATTERN = "No repository uses a pattern of that id now. One that nobody uses any more has no page."
_NO_RECEIPT = "No push or snapshot of that day has this number. The repository's page lists the last ones."


class NotHere(LookupError):
    """There is no such page; the text says why and what to do."""


def page_routes(model: ReadModel) -> Blueprint:
    """The pages."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/overview")
    def show_overview() -> Response:
        return overview_response(model)

    @blueprint.get("/repositories/<owner>/<name>")
    def show_repository(owner: str, name: str) -> Response:
        return _respond(
            model, "repository.html", lambda known: repository_page(known, _named(known, owner, name))
        )

    @blueprint.get("/patterns/<path:id_>")
    def show_pattern(id_: str) -> Response:
        return _respond(
            model,
            "pattern.html",
            lambda known: pattern_page(known, known.pattern_id(id_), datetime.now(UTC)) or _none(_NO_PATTERN),
        )

    @blueprint.get("/pairs/<owner>/<name>/<owner2>/<name2>")
    def show_pair(owner: str, name: str, owner2: str, name2: str) -> Response:
        def pair(known: Reading) -> object:
            one, other = _named(known, owner, name), _named(known, owner2, name2)
            if one is other:
                raise NotHere("A repository is as much like itself as can be. Choose two that differ.")
            return pair_page(known, one, other)

        return _respond(model, "pair.html", pair)

    @blueprint.get("/receipts/<owner>/<name>/<day>/<digits>")
    def show_receipt(owner: str, name: str, day: str, digits: str) -> Response:
        def receipt(known: Reading) -> object:
            repository = _named(known, owner, name)
            return receipt_page(known, repository, day, digits) or _none(_NO_RECEIPT)

        return _respond(model, "receipt.html", receipt)

    @blueprint.get("/style-<digest>.css")
    def style(digest: str) -> Response:
        # during a deployment a page of the other version may ask: it gets this style, but not for long
        is_ours = f"style-{digest}.css" == STYLE_NAME
        headers = {"Cache-Control": _FOR_A_YEAR if is_ours else "no-cache"}
        return Response(STYLE, mimetype="text/css", headers=headers)

    return blueprint


def overview_response(model: ReadModel) -> Response:
    """The overview, or that page of it which the query names."""
    number = request.args.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0

    def prepare(known: Reading) -> object:
        return (page and overview(known, page)) or _none("The list of repositories has no such page.")

    return _respond(model, "overview.html", prepare)


def problem(title: str, text: str, status: HTTPStatus) -> Response:
    """A page that says what went wrong and where to go on."""
    page = render("problem.html", title=title, text=text, stale_seconds=0, revision=None)
    return Response(page, status, {"Cache-Control": "no-store"}, mimetype="text/html")


def _respond(model: ReadModel, template: str, prepare: Callable[[Reading], object]) -> Response:
    """The page, 304 where the browser has it, or the page that says why there is none."""
    try:
        caller = caller_of(request.environ["asgi.scope"])
        known = model.reading(caller)
        # others see other pages, and how many are hidden from them is theirs not to know; health ages
        seen = "all" if caller.sees_all else "public"
        etag = f"{known.revision}-{seen}-{build()}-{datetime.now(UTC):%Y%m%d%H}"
        if not known.stale_seconds and request.if_none_match.contains_weak(etag):
            return _revalidated(Response(status=HTTPStatus.NOT_MODIFIED), etag)
        page = render(
            template, page=prepare(known), stale_seconds=known.stale_seconds, revision=known.revision
        )
    except NotHere as reason:
        return problem("Not here", str(reason), HTTPStatus.NOT_FOUND)
    except (Unavailable, Damaged):
        text = "The knowledge base cannot be read at the moment. Try again in a few seconds."
        answer = problem("Not now", text, HTTPStatus.SERVICE_UNAVAILABLE)
        answer.headers["Retry-After"] = "5"
        return answer
    response = Response(page, mimetype="text/html")
    return response if known.stale_seconds else _revalidated(response, etag)


def _revalidated(response: Response, etag: str) -> Response:
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _named(known: Reading, owner: str, name: str) -> Projection:
    return known.named(f"{owner}/{name}") or _none(_NO_REPOSITORY)


def _none(reason: str) -> Projection:
    raise NotHere(reason)

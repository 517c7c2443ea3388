"""The a2a-gateway's own composition, with a skill that records lessons."""

from lessons import TELL
from starlette.applications import Starlette

from a2a_gateway import main
from a2a_gateway.registry import load_skills


def create_app() -> Starlette:
    main.load_skills = lambda: {**load_skills(), TELL.id: TELL}
    return main.create_app()

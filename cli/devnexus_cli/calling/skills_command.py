"""`devnexus skills`: what agents can ask."""

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from devnexus.printable import printable
from devnexus_cli.calling.described import Described, Known, skills_here, skills_told, type_of
from devnexus_cli.calling.gateway import Gateway
from devnexus_cli.calling.options import credential_options, credentials, url_option
from devnexus_cli.dead_letters import home_option

_LAST = frozenset({"limit", "offset", "as_of", "idempotency_key"})
"""Fields that many skills have, and nobody reads about twice."""


@click.command("skills", short_help="What agents can ask, and what each skill takes.")
@click.argument("skill", required=False)
@url_option
@home_option
@credential_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def skills_command(
    skill: str | None,
    url: str | None,
    home: Path,
    token: str | None,
    token_file: Path | None,
    api_key_file: Path | None,
    as_json: bool,
) -> None:
    """List the skills, or say what SKILL takes, with an example to try.

    They are those of the gateway that is installed here; with --url, those of a running one.
    """
    skills = _skills(url, home, (token, token_file, api_key_file))
    if skill is not None and skill not in skills:
        raise click.UsageError(f"no skill is called {skill}; `devnexus skills` lists them")
    shown = [known.skill for id_, known in skills.items() if skill in {None, id_}]
    if as_json:
        click.echo(json.dumps([one.model_dump(mode="json") for one in shown], indent=2))
        return
    lines = _list(shown) if skill is None else _one(shown[0])
    click.echo("\n".join(printable(line) for line in lines))


def _skills(
    url: str | None, home: Path, given: tuple[str | None, Path | None, Path | None]
) -> Mapping[str, Known]:
    if url is None:
        return skills_here()
    return skills_told(Gateway(url, credentials(*given, url=url, home=home)).card())


def _list(skills: list[Described]) -> Iterator[str]:
    width = max((len(one.id) for one in skills), default=0)
    for one in skills:
        who = "writers" if one.requires_authentication else "readers"
        yield f"{one.id:<{width}}  {who}  {one.description}"
    yield ""
    yield "what one takes: devnexus skills SKILL · ask: devnexus call SKILL KEY=VALUE…"


def _one(skill: Described) -> Iterator[str]:
    yield f"{skill.id}: {skill.description}"
    yield f"for {'callers who may write' if skill.requires_authentication else 'readers'}"
    yield ""
    yield from _fields(skill)
    yield f"try: devnexus call {skill.id}{''.join(f' {pair}' for pair in _pairs(skill))}"


def _fields(skill: Described) -> Iterator[str]:
    schema = skill.input_schema
    if not schema.properties:
        yield "It takes nothing."
    for name in sorted(schema.properties, key=lambda name: (name not in schema.required, name in _LAST)):
        field = schema.properties[name]
        default = "required" if name in schema.required else f"default {json.dumps(field.get('default'))}"
        yield f"  {name}  {type_of(field)}, {default}"
        if about := str(field.get("description") or ""):
            yield f"      {' '.join(about.split())}"
    yield ""


def _pairs(skill: Described) -> Iterator[str]:
    for name, value in skill.example.items():
        yield f"{name}={shlex.quote(_text(value))}"


def _text(value: object) -> str:
    """`value` as `devnexus call` takes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) and one and "," not in one for one in value):
        return ",".join(value)
    return json.dumps(value, ensure_ascii=False)

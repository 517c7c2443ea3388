"""`devnexus github manifest`: registers the GitHub App with one click."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import click

from devnexus_cli.github.app_manifest import app_manifest, page, register_address
from devnexus_cli.github.app_registration import (
    KeyFiles,
    Registered,
    Waiting,
    converted,
    refuse_to_overwrite,
    write_keys,
)

_GITHUB = "https://github.com"


def _address(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and (
        urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname
    ):
        raise click.BadParameter(f"{value!r} is no address like https://…")
    return value.rstrip("/") if value else None


@click.command("manifest")
@click.option("--url", callback=_address, help="Address of the webhook-receiver, as GitHub reaches it.")
@click.option("--owner", help="Organisation that shall own the App [default: you].")
@click.option(
    "--name", default="dev-nexus", show_default=True, help="Name of the App; GitHub wants it unique."
)
@click.option("--checks", is_flag=True, help="Let the App put checks on commits.")
@click.option(
    "--github-url",
    default=_GITHUB,
    show_default=True,
    callback=_address,
    help="Your own GitHub Enterprise Server.",
)
@click.option(
    "--keys",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".devnexus/github-app"),
    show_default=True,
    help="Folder that the private key and the webhook secret are put into.",
)
@click.option("--code", help="What GitHub led back with, where that could not reach this machine.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest and do nothing else.")
def manifest_command(
    url: str | None,
    owner: str | None,
    name: str,
    checks: bool,
    github_url: str,
    keys: Path,
    code: str | None,
    as_json: bool,
) -> None:
    """Register the GitHub App: private, with the least permissions, by one click in a browser."""
    if url is None and code is None:
        raise click.UsageError("name where GitHub shall send webhooks: --url https://…")
    if as_json:
        click.echo(json.dumps(app_manifest(url or "", name=name, checks=checks), indent=2))
        return
    refuse_to_overwrite(keys)
    if code is None:
        code = _code(url or "", owner, name, github_url, checks=checks)
    app = converted(code, api_url=_api(github_url))
    _tell(app, write_keys(app, keys), github_url)


def _code(url: str, owner: str | None, name: str, github_url: str, *, checks: bool) -> str:
    waiting = Waiting()
    manifest = app_manifest(url, name=name, checks=checks, redirect_url=waiting.redirect_url)
    click.echo(
        f"Open {waiting.address} in a browser on this machine, and confirm on GitHub. Ctrl-C gives up."
    )
    return waiting.wait(page(manifest, register_address(github_url, owner, waiting.state)))


def _api(github_url: str) -> str:
    return "https://api.github.com" if github_url == _GITHUB else f"{github_url}/api/v3"


def _tell(app: Registered, files: KeyFiles, github_url: str) -> None:
    click.echo(f"The App {app.slug} is registered. Its keys are in files that only you may read. Settings:")
    click.echo(f"  GITHUB_APP_ID={app.id}")
    click.echo(f"  GITHUB_APP_PRIVATE_KEY_FILE={files.private_key.resolve()}")
    click.echo(f"  GITHUB_WEBHOOK_SECRET_FILE={files.webhook_secret.resolve()}")
    if github_url != _GITHUB:
        click.echo(f"  GITHUB_API_URL={_api(github_url)}")
    click.echo(f"Install it where your repositories are: {app.html_url}/installations/new")

"""The GitHub App that dev-nexus needs, as a manifest that a person confirms with one click.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

import json
from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Register the GitHub App</title>
<body style="font-family: sans-serif; max-width: 40em; margin: 4em auto">
<h1>Register the GitHub App</h1>
<p>GitHub shows what the App may do and asks you to confirm.</p>
<form id="form" method="post" action="{action}">
<input type="hidden" name="manifest" value="{manifest}">
<button>Go to GitHub</button>
</form>
<script>document.getElementById("form").submit()</script>
</body></html>
"""


def app_manifest(
    receiver: str, *, name: str, checks: bool, redirect_url: str | None = None
) -> dict[str, object]:
    """The App: private, of the least permissions, its webhooks sent to the service at `receiver`.

    It reads code and never writes; `checks` lets it put checks on commits. Webhooks of installations come
    without being asked for. `redirect_url` is where GitHub leads once the App is made.
    """
    permissions = {"contents": "read", "metadata": "read"}
    manifest: dict[str, object] = {
        "name": name,
        "url": receiver,
        "hook_attributes": {"url": f"{receiver}/webhooks/github", "active": True},
        "public": False,
        "default_permissions": {**permissions, "checks": "write"} if checks else permissions,
        "default_events": ["push", "repository"],
    }
    return {**manifest, "redirect_url": redirect_url} if redirect_url else manifest


def register_address(github_url: str, owner: str | None, state: str) -> str:
    """Where on GitHub a manifest is handed in: for an organisation, or for the person who is logged in."""
    folder = f"organizations/{owner}/settings" if owner else "settings"
    return f"{github_url}/{folder}/apps/new?{urlencode({'state': state})}"


def page(manifest: Mapping[str, object], address: str) -> str:
    """A page that hands the manifest in as soon as a browser shows it: GitHub takes it by POST only."""
    return _PAGE.format(action=escape(address), manifest=escape(json.dumps(manifest)))

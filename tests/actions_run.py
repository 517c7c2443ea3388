"""What GitHub gives a run of Actions: the environment, the event file, a checkout."""

import json
import os
import subprocess
from pathlib import Path

REPOSITORY_ID = 42
PUSHED_AT = 1_767_312_000  # 2026-01-02T00:00:00Z, after all that `make_repository` commits


def push_event(before: str, after: str, **changes: object) -> dict[str, object]:
    """The payload of a push to the default branch, as the webhook and the event file have it."""
    return {
        "ref": "refs/heads/main",
        "before": before,
        "after": after,
        "deleted": False,
        "repository": {
            "id": REPOSITORY_ID,
            "full_name": "acme/api",
            "default_branch": "main",
            "html_url": "https://github.com/acme/api",
            "private": True,
            "pushed_at": PUSHED_AT,
        },
        "commits": [{"id": after, "message": "::error::$(touch injected) ##[error]`x`"}],
        **changes,
    }


def run_environment(folder: Path, event: dict[str, object], *, kind: str = "push") -> dict[str, str]:
    """The variables of one run, and its files in `folder`, as GitHub's documentation lists them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "event.json").write_text(json.dumps(event))
    for name in ("summary.md", "env", "output"):
        (folder / name).touch()
    return {
        "GITHUB_ACTIONS": "true",
        "CI": "true",
        "GITHUB_EVENT_NAME": kind,
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_REPOSITORY": "acme/api",
        "GITHUB_REPOSITORY_ID": str(REPOSITORY_ID),
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_API_URL": "https://api.github.com",
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_REF_NAME": "main",
        "GITHUB_SHA": str(event.get("after", "")),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GITHUB_ENV": str(folder / "env"),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_WORKSPACE": str(folder),
        "RUNNER_TEMP": str(folder),
    }


def check_out(upstream: Path, target: Path, commit: str, *, depth: int = 0) -> None:
    """What actions/checkout leaves: a clone with a detached HEAD; `depth` is its `fetch-depth`, 0 for all."""
    short = [f"--depth={depth}"] if depth else []
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(
        ["git", "clone", "--quiet", *short, upstream.as_uri(), target], check=True, env=environment
    )
    subprocess.run(
        ["git", "-C", target, "checkout", "--quiet", "--detach", commit], check=True, env=environment
    )
    subprocess.run(
        ["git", "-C", target, "remote", "set-url", "origin", "https://github.com/acme/api"], check=True
    )

"""The door to GitHub's REST API: repositories, one request at a time, no wait longer than some seconds."""

from devnexus.github.app import Access, GitHubApp, GitHubInstallation
from devnexus.github.asking import API_URL, PATIENT, Answer, Patience
from devnexus.github.connect import connect
from devnexus.github.repository import GitHubRepository, renamed_to

__all__ = [
    "API_URL",
    "PATIENT",
    "Access",
    "Answer",
    "GitHubApp",
    "GitHubInstallation",
    "GitHubRepository",
    "Patience",
    "connect",
    "renamed_to",
]

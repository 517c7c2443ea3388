"""Pushes of local repositories as GitHub would send them: payload, signature, HTTP."""

import http.client
import json
import time
import uuid
from typing import Any

from devnexus.secrets import Secret
from devnexus.timestamps import write
from devnexus_cli.local_repository import HOST, LocalPush, LocalRepository
from webhook_receiver.signature import sign

_TRIES = 5


class NotTaken(Exception):
    """The receiver did not take a push; the text holds its answer."""


def push_payload(repository: LocalRepository, push: LocalPush) -> dict[str, Any]:
    """The body of GitHub's push webhook for this push, as far as it can be known here."""
    owner, name = repository.name.split("/")
    commit = {
        "id": push.after,
        "message": push.message,
        "timestamp": write(push.pushed_at),
        "author": {"name": push.author},
    }
    return {
        "ref": f"refs/heads/{repository.branch}",
        "before": push.before,
        "after": push.after,
        "created": not push.before.strip("0"),
        "deleted": False,
        "forced": push.is_forced,
        "commits": [commit],
        "head_commit": commit,
        "pusher": {"name": push.author},
        "sender": {"login": owner, "type": "User"},
        "repository": {
            "id": repository.number,
            "name": name,
            "full_name": repository.name,
            "private": True,
            "html_url": f"http://{HOST}/{repository.name}",
            "default_branch": repository.branch,
            "pushed_at": int(push.pushed_at.timestamp()),
        },
    }


class WebhookSender:
    """Sends signed webhooks to a receiver on this machine, over one connection."""

    def __init__(self, *, port: int, secret: Secret) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._secret = secret

    def push(self, payload: dict[str, Any]) -> str:
        """Send one push and return its event id.

        A 503 or a broken connection is tried again; raises NotTaken where that does not help.
        """
        body = json.dumps(payload).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-Hub-Signature-256": sign(body, self._secret),
        }
        answer = ""
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(attempt)
            try:
                self._connection.request("POST", "/webhooks/github", body, headers)
                response = self._connection.getresponse()
                answer = response.read().decode(errors="replace")
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                answer = repr(error)
                continue
            if response.status == 202:
                return str(json.loads(answer)["event_id"])
            if response.status != 503:
                break
        raise NotTaken(f"the receiver did not take the push of {payload['after'][:7]}: {answer}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

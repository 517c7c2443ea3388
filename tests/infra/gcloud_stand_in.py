"""Stands for gcloud: Cloud Run's services and worker pools in a JSON file, and failures on demand.

GCLOUD_STATE names the file. In it `fail` says which commands fail: part of one → how ("fails", before
anything happened; "fails late", after it; "ends us", a signal for whoever called, after it), each once
unless it stands in `always`.
"""

import json
import os
import signal
import sys
import time


class NotFound(Exception):
    """There is nothing of this name."""


def perform(state, words):
    """What comes of a command: (how it fails or None, its answer)."""
    line = " ".join(words)
    state["calls"].append(line)
    what = next((part for part in state["fail"] if part in line), None)
    how = state["fail"].get(what)
    if what and what not in state["always"]:
        del state["fail"][what]
    return how, None if how == "fails" else act(state, words)


def main():
    with open(os.environ["GCLOUD_STATE"]) as file:
        state = json.load(file)
    try:
        how, answer = perform(state, sys.argv[1:])
    except NotFound as problem:
        sys.exit(f"ERROR: (gcloud) {problem}")
    with open(os.environ["GCLOUD_STATE"], "w") as file:
        json.dump(state, file)
    if how == "ends us":
        os.kill(os.getppid(), signal.SIGTERM)
        time.sleep(5)
    if how:
        sys.exit("ERROR: (gcloud) as it was told to")
    sys.stdout.write(answer if isinstance(answer, str) else json.dumps(answer))


def act(state, words):
    match words:
        case ["run", "services" | "worker-pools", "describe", name, *rest]:
            return described(state, at(state, name, rest))
        case ["run", "deploy", name, *rest] | ["run", "worker-pools", "deploy", name, *rest]:
            deploy(at(state, name, rest), name, rest)
        case ["run", "services", "update-traffic", name, *rest]:
            give(state, at(state, name, rest), name, rest)
        case ["run", "worker-pools", "update-instance-split", name, *rest]:
            give(state, at(state, name, rest), name, rest)
        case ["artifacts", "docker", "images", "describe", tagged, *_]:
            return {"image_summary": {"digest": f"sha256:{state['digest']}", "tag": tagged}}
        case ["auth", "print-access-token", *_]:
            return "access of the deployer"
        case ["logging", "read", wanted, *_]:
            return [{"jsonPayload": {"message": "ready"}}] if logs(state, wanted) else []
        case _:
            raise NotImplementedError(words)


def option(words, name):
    found = [word.removeprefix(f"--{name}=") for word in words if word.startswith(f"--{name}=")]
    return found[0] if found else None


def at(state, name, rest):
    try:
        return state["run"][f"{name} {option(rest, 'region')}"]
    except KeyError:
        raise NotFound(f"Cannot find {name}") from None


def deploy(one, name, rest):
    revision = f"{name}-{option(rest, 'revision-suffix')}"
    assert revision not in one["revisions"], "a name of a revision serves once"
    assert "--no-traffic" in rest or "--no-promote" in rest
    one["follows_latest"] = False
    one["revisions"].append(revision)
    one["latest"], one["image"] = revision, option(rest, "image")
    if tag := option(rest, "tag"):
        one["tags"][tag] = revision


def give(state, one, name, rest):
    one["shares"] = {
        revision: int(percent)
        for revision, percent in (part.split("=") for part in option(rest, "to-revisions").split(","))
    }
    assert set(one["shares"]) <= set(one["revisions"])
    state["moves"].append([name, one["shares"]])
    for tag in (option(rest, "remove-tags") or "").split(","):
        if tag:
            del one["tags"][tag]


def logs(state, wanted):
    revision = wanted.partition('revision_name="')[2].partition('"')[0]
    return 'jsonPayload.message="ready"' in wanted and not any(one in revision for one in state["sick"])


def described(state, one):
    shares = [{"revisionName": revision, "percent": share} for revision, share in one["shares"].items()]
    tags = [
        {"revisionName": revision, "tag": tag, "url": f"{state['address']}/{revision}"}
        for tag, revision in one["tags"].items()
    ]
    if one["pool"]:  # as the second API has it
        return {
            "latestCreatedRevision": f"projects/p/locations/l/workerPools/w/revisions/{one['latest']}",
            "template": {"containers": [{"image": one["image"]}]},
            "latestReadyRevision": f"projects/p/locations/l/workerPools/w/revisions/{one['latest']}",
            "instanceSplitStatuses": [
                {"type": "INSTANCE_SPLIT_ALLOCATION_TYPE_LATEST", "percent": 100}
                if one.get("follows_latest")
                else {"revision": share["revisionName"], "percent": share["percent"]}
                for share in shares
            ],
        }
    return {
        "metadata": {"annotations": {"run.googleapis.com/ingress": one["ingress"]}},
        "spec": {"template": {"spec": {"containers": [{"image": one["image"]}]}}},
        "status": {
            "latestCreatedRevisionName": one["latest"],
            "latestReadyRevisionName": one["latest"],
            "traffic": shares + tags,
            "url": f"{state['address']}/{max(one['shares'], key=one['shares'].get)}",
        },
    }


if __name__ == "__main__":
    main()

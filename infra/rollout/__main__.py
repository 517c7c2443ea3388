"""`python3 -m rollout --project=… --region=… --commit=… --account=…`: exit status 0 only if it serves.

1: it does not, and everything serves what it served before. 3: that could not be done either; what is to be
done by hand is said.
"""

import argparse
import re
import secrets
import signal
import sys
from types import FrameType

from rollout.cloud_run import CloudRun, Version
from rollout.errors import Failed, Interrupted
from rollout.gcloud import Gcloud
from rollout.parts import targets
from rollout.rollout import NotRolledBack, Rollout
from rollout.smoke import IAM_CREDENTIALS, Smoke


def main() -> int:
    """Roll out the version that the arguments name."""
    asked = _arguments()
    if asked.deploy == "no":
        _say("Nothing is deployed: _DEPLOY is no.")
        return 0
    _end_by_rolling_back(asked.minutes)
    gcloud = Gcloud(asked.project)
    images = f"{asked.region}-docker.pkg.dev/{asked.project}/{asked.repository}"
    try:
        Rollout(
            targets(asked.region, asked.second_region),
            Version(asked.commit, asked.run or secrets.token_hex(3), images),
            cloud=CloudRun(gcloud),
            smoke=Smoke(gcloud, account=asked.account, patience_seconds=asked.patience, iam=asked.iam),
            say=_say,
        ).run(public_url=asked.public_url, anew=asked.anew == "yes")
    except NotRolledBack as problem:
        _say(str(problem))
        return 3
    except (Failed, Interrupted) as problem:
        _say(f"Not deployed: {problem}")
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="rollout", description="Put a version where it serves, or nothing.")
    parser.add_argument("--project", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--second-region", type=_text, help="of those services that the internet calls")
    parser.add_argument("--public-url", type=_text, help="the load balancer's, where there is one")
    parser.add_argument("--commit", required=True, type=_commit, help="its images are tagged with it")
    parser.add_argument("--account", required=True, help="service account that the smoke tests come as")
    parser.add_argument("--iam", default=IAM_CREDENTIALS, help="where identity tokens come from")
    parser.add_argument("--repository", default="dev-nexus", help="Artifact Registry's repository")
    parser.add_argument("--run", default=None, type=_run, help="names this run's revisions; default: random")
    parser.add_argument("--patience", default=120.0, type=float, help="seconds for each smoke test")
    parser.add_argument("--minutes", default=40.0, type=float, help="after which it is rolled back")
    parser.add_argument("--deploy", default="yes", choices=["yes", "no"], help="no: only say so")
    parser.add_argument("--anew", default="no", choices=["yes", "no"], help="yes: even what serves already")
    return parser.parse_args()


def _commit(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{7,64}", text):
        raise argparse.ArgumentTypeError("a commit is named by 7 or more of 0-9a-f")
    return text


def _run(text: str) -> str | None:
    """The beginning of a build's id."""
    if text and not re.fullmatch(r"[0-9a-f][0-9a-f-]*", text):
        raise argparse.ArgumentTypeError("of 0-9a-f and -")
    return text[:6].rstrip("-") or None


def _text(text: str) -> str | None:
    """What Cloud Build has for a substitution that is not set is empty."""
    return text or None


def _end_by_rolling_back(minutes: float) -> None:
    """From now on signals, and the end of the time, are Interrupted: once, so that the way back is not."""
    names = {signal.SIGTERM: "SIGTERM", signal.SIGINT: "SIGINT", signal.SIGALRM: f"over {minutes:g} minutes"}

    def interrupt(number: int, _: FrameType | None) -> None:
        for known in names:
            signal.signal(known, signal.SIG_IGN)
        raise Interrupted(f"interrupted: {names[signal.Signals(number)]}")

    for known in names:
        signal.signal(known, interrupt)
    signal.setitimer(signal.ITIMER_REAL, minutes * 60)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

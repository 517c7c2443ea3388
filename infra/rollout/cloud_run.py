"""What is done with Cloud Run: revisions without traffic, traffic, what serves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rollout.described import Described, described
from rollout.errors import Failed
from rollout.gcloud import Gcloud
from rollout.parts import Kind, Part, Target


@dataclass(frozen=True)
class Version:
    """A commit's images, and what its revisions are called in this run."""

    commit: str
    run: str
    images: str
    """Where they are: `<region>-docker.pkg.dev/<project>/<repository>`."""

    @property
    def name(self) -> str:
        """The commit as people write it."""
        return self.commit[:7]

    @property
    def suffix(self) -> str:
        """What the names of its revisions end with: another one each run, since a name serves once."""
        return f"{self.name}-{self.run}"

    @property
    def tag(self) -> str:
        """What its revisions can be reached by before they have traffic."""
        return f"try-{self.run}"

    def revision(self, part: Part) -> str:
        """The revision of `part` that this run makes."""
        return f"{part.name}-{self.suffix}"


class CloudRun:
    """One project's services and worker pools."""

    def __init__(self, gcloud: Gcloud) -> None:
        self._gcloud = gcloud

    def image(self, version: Version, part: Part) -> str:
        """The image of `part`, by its digest: a tag may be moved."""
        tagged = f"{version.images}/{part.name}:{version.commit}"
        answer = self._gcloud.ask("artifacts", "docker", "images", "describe", tagged)
        summary = answer.get("image_summary") if isinstance(answer, Mapping) else None
        digest = summary.get("digest") if isinstance(summary, Mapping) else None
        if not isinstance(digest, str) or not digest.startswith("sha256:"):
            raise Failed(f"no digest of {tagged}")
        return f"{version.images}/{part.name}@{digest}"

    def look(self, target: Target) -> Described:
        """What serves; raise Failed where there is nothing: it is Terraform that makes it."""
        return described(self._gcloud.ask(*_on(target, "describe")))

    def deploy(self, target: Target, image: str, version: Version) -> None:
        """Make the new revision, with the configuration as it is, and without requests or instances."""
        way = ["--no-promote"]
        verb: Sequence[str] = ("run", "worker-pools", "deploy")
        if target.part.kind is Kind.SERVICE:
            verb, way = ("run", "deploy"), ["--no-traffic", f"--tag={version.tag}"]
        self._gcloud.run(
            *verb,
            target.part.name,
            f"--region={target.region}",
            f"--image={image}",
            f"--revision-suffix={version.suffix}",
            *way,
        )

    def give(self, target: Target, shares: Mapping[str, int], *, untag: Sequence[str] = ()) -> None:
        """Let exactly these revisions serve, and take the tags away."""
        self._gcloud.run(*giving(target, shares), *([f"--remove-tags={','.join(untag)}"] if untag else []))


def giving(target: Target, shares: Mapping[str, int]) -> list[str]:
    """The command that lets exactly these revisions serve, as a person may have to type it as well."""
    verb = "update-traffic" if target.part.kind is Kind.SERVICE else "update-instance-split"
    told = ",".join(f"{revision}={percent}" for revision, percent in shares.items())
    return [*_on(target, verb), f"--to-revisions={told}"]


def _on(target: Target, verb: str) -> list[str]:
    return ["run", target.part.kind.value, verb, target.part.name, f"--region={target.region}"]

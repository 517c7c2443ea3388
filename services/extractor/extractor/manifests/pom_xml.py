"""What a `pom.xml` declares. Reference: https://maven.apache.org/pom.html"""

import re
from collections.abc import Iterator, Mapping

from devnexus.events.patterns_extracted import Dependency, Manifest
from extractor.manifests.requirement import short
from extractor.manifests.xml_nodes import Node, parse_xml

_PROPERTY = re.compile(r"\$\{([\w.-]{1,100})\}")
_COORDINATE = re.compile(r"[\w.-]{1,200}", re.ASCII)
_RUNTIME = ("", "compile", "runtime")


def read_pom(text: str) -> Manifest:
    """The manifest; raises ValueError if it is no XML or no project."""
    project = parse_xml(text)
    if project.name != "project":
        raise ValueError("pom.xml is not a <project>")
    properties = {
        node.name: node.text.strip() for node in project.under("properties") for node in node.children
    }
    parent = project.child("parent")
    group = project.said("groupId") or (parent.said("groupId") if parent else "")
    properties.setdefault("project.groupId", group)
    properties.setdefault(
        "project.version", project.said("version") or (parent.said("version") if parent else "")
    )
    return Manifest(
        ecosystem="maven",
        name=_name(group, project.said("artifactId")),
        description=project.said("description") or None,
        is_private=properties.get("maven.deploy.skip", "").lower() == "true",
        dependencies=tuple(_dependencies(project, properties)),
    )


def _dependencies(project: Node, properties: Mapping[str, str]) -> Iterator[Dependency]:
    managed = {
        _name(_resolved(node.said("groupId"), properties), node.said("artifactId")): node.said("version")
        for node in project.under("dependencyManagement", "dependencies", "dependency")
    }
    for node in project.under("dependencies", "dependency"):
        name = _name(_resolved(node.said("groupId"), properties), node.said("artifactId"))
        if name:
            version = node.said("version") or managed.get(name, "")
            scope = node.said("scope")
            yield Dependency(
                name=name,
                requirement=short(_resolved(version, properties)),
                group="" if scope in _RUNTIME else scope[:50],
                line=node.line,
            )


def _name(group: str, artifact: str) -> str | None:
    """Group and artifact as one name, or None where one is missing or only known elsewhere."""
    is_known = _COORDINATE.fullmatch(group) and _COORDINATE.fullmatch(artifact)
    return f"{group}:{artifact}" if is_known else None


def _resolved(text: str, properties: Mapping[str, str]) -> str:
    """`text` with the properties that the file itself gives; one step, as nobody nests them."""
    return _PROPERTY.sub(lambda match: properties.get(match[1], match[0])[:100], text)

"""What .NET's project files declare.

Reference: https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files
"""

import re
from collections.abc import Iterator

from devnexus.events.patterns_extracted import Dependency, Manifest
from extractor.manifests.requirement import short
from extractor.manifests.xml_nodes import Node, parse_xml

_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)
_ASKING = {"PackageReference": "Include", "PackageVersion": "Include", "package": "id"}


def read_dotnet(text: str) -> Manifest | None:
    """The manifest of a project, `Directory.Packages.props` or `packages.config`; ValueError if no XML.

    None where it neither names a package nor asks for one.
    """
    root = parse_xml(text)
    nodes = list(root.all())
    found = tuple(_dependencies(nodes))
    name = next((node.text.strip() for node in nodes if node.name == "PackageId"), "")
    described = next((node.text.strip() for node in nodes if node.name == "Description"), "")
    if not found and not name:
        return None
    return Manifest(
        ecosystem="nuget",
        name=name if _NAME.fullmatch(name) else None,
        description=described or None,
        is_private=any(node.name == "IsPackable" and node.text.strip().lower() == "false" for node in nodes),
        dependencies=found,
    )


def _dependencies(nodes: list[Node]) -> Iterator[Dependency]:
    for node in nodes:
        name = node.attributes.get(_ASKING.get(node.name, ""), "")
        if _NAME.fullmatch(name):
            attributes = {key.lower(): value for key, value in node.attributes.items()}
            version = attributes.get("version") or attributes.get("versionoverride") or node.said("Version")
            is_development = attributes.get("developmentdependency") == "true" or _is_private(node)
            yield Dependency(
                name=name,
                requirement=short(version),
                group="dev" if is_development else "",
                line=node.line,
            )


def _is_private(node: Node) -> bool:
    """Whether the package is used to build and nobody who uses the project gets it."""
    return (node.attributes.get("PrivateAssets") or node.said("PrivateAssets")).lower() == "all"

"""What a `package.json` declares. Reference: https://docs.npmjs.com/cli/configuring-npm/package-json"""

import re

from devnexus.events.patterns_extracted import Manifest
from extractor.manifests.json_manifest import read_json_manifest

_GROUPS = {
    "dependencies": "",
    "devDependencies": "dev",
    "peerDependencies": "peer",
    "optionalDependencies": "optional",
}
_NAME = re.compile(r"(?:@[\w.~-]{1,100}/)?[\w.~-]{1,214}", re.ASCII)


def read_package_json(text: str) -> Manifest:
    """The manifest; raises ValueError unless the text is one JSON object."""
    return read_json_manifest(text, ecosystem="npm", groups=_GROUPS, package=_package)


def _package(name: str) -> str | None:
    return name if _NAME.fullmatch(name) else None

"""What a `composer.json` declares. Reference: https://getcomposer.org/doc/04-schema.md"""

import re

from devnexus.events.patterns_extracted import Manifest
from extractor.manifests.json_manifest import read_json_manifest

_GROUPS = {"require": "", "require-dev": "dev"}
# what has no slash is PHP itself or one of its extensions
_NAME = re.compile(r"[a-z0-9._-]{1,100}/[a-z0-9._-]{1,100}", re.ASCII)


def read_composer_json(text: str) -> Manifest:
    """The manifest; raises ValueError unless the text is one JSON object."""
    return read_json_manifest(text, ecosystem="composer", groups=_GROUPS, package=_package)


def _package(name: str) -> str | None:
    return name.lower() if _NAME.fullmatch(name.lower()) else None

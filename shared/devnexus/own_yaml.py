"""YAML files that come with the code, read by libyaml where PyYAML was built with it: in a tenth of the time.

Rules, taxonomy and topology are read at every start. What people write is read elsewhere, with its mistakes.
"""

import yaml

_Loader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_own(text: str | bytes) -> object:
    """What `text` holds; raise yaml.YAMLError where it is none."""
    return yaml.load(text, _Loader)  # nosec B506  # a safe one

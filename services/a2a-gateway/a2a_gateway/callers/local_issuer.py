"""An issuer beside Google, for one's own machine: its public keys in a file."""

from pathlib import Path

from devnexus.errors import ConfigurationError
from devnexus.identity.key_set import KeySet, read_issuer


def read_local_issuer(path: Path) -> tuple[str, KeySet]:
    """The name and the keys of the issuer in a file; raise ConfigurationError where it holds none."""
    try:
        return read_issuer(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"LOCAL_ISSUER: {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"LOCAL_ISSUER: {path}: {error}") from error

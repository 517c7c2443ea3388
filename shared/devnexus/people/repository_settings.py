"""`.devnexus.yml` in a repository: what its own people do not want, whatever the organisation allows."""

from devnexus.people.globs import PathGlob
from devnexus.people.section import Section

REPOSITORY_SETTINGS_PATH = ".devnexus.yml"


class RepositorySettings(Section):
    """What a repository says about being read. It can only take away: `true` allows nothing new."""

    analyse: bool = True
    """false: nothing of it is read from now on."""
    claude: bool = True
    """false: only the rules read it."""
    exclude: tuple[PathGlob, ...] = ()
    """Files that are not read."""
    notify: bool = True
    """false: nobody is told of its pushes."""

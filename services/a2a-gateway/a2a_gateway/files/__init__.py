"""The files of repositories, from clones on this machine or from GitHub."""

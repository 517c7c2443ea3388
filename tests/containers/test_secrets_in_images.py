"""Secrets that lie about where an image is built, or in the environment there, do not get into it."""

import gzip
import json
import shutil
import subprocess
import tarfile
import uuid

import pytest
from containers.compose import ROOT, SERVICES, build_images, engine

CANARY = f"canary{uuid.uuid4().hex}"
LIES_ABOUT = (
    ".env",
    ".git/config",
    ".devnexus/webhook-secret",
    "webhook-secret",
    "services/.env",
    "services/extractor/.env.local",
    "services/extractor/extractor/key.pem",
    "shared/devnexus/.netrc",
    "cli/devnexus_cli/service-account.json",
)
"""Files of a folder in which somebody works, each with a secret."""

NAMES = ("GITHUB_WEBHOOK_SECRET", "ANTHROPIC_API_KEY", "GITHUB_APP_PRIVATE_KEY", "DATABASE_URL")
_CHUNK = 1 << 20


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """The image of each service, built from a copy of what is here, with secrets all around."""
    folder = tmp_path_factory.mktemp("clone")
    listing = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for path in subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0"):
        if path and (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, folder / path)
    for path in LIES_ABOUT:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"{NAMES[0]}={CANARY}\n")
    build_images(folder, **dict.fromkeys(NAMES, CANARY))
    client = engine()
    yield {service: client.images.get(f"dev-nexus/{service}") for service in SERVICES}
    client.close()


@pytest.fixture(scope="module")
def layers(images, tmp_path_factory):
    """Name → the words that we look for and are in it, for each layer and each configuration."""
    found = {}
    archive = tmp_path_factory.mktemp("images") / "image.tar"
    for image in images.values():
        with archive.open("wb") as out:
            out.writelines(image.save(chunk_size=_CHUNK))
        with tarfile.open(archive) as parts:
            for part in parts:
                if part.isfile() and part.name not in found:
                    found[part.name] = words_in(parts.extractfile(part))
    archive.unlink()
    return found


def words_in(file):
    """Which of these words are anywhere in a file, be it compressed or not."""
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    content = gzip.open(file) if packed else file
    words, before = set(), b""
    while chunk := content.read(_CHUNK):
        words |= {word for word in (CANARY, "def create_app") if word.encode() in before + chunk}
        before = chunk[-len(CANARY) :]
    return words


@pytest.mark.parametrize("service", SERVICES)
def test_neither_the_configuration_nor_the_history_holds_a_secret(images, service):
    image = images[service]
    assert CANARY not in json.dumps([image.attrs, image.history()])
    set_there = {line.partition("=")[0] for line in image.attrs["Config"]["Env"]}
    assert set_there.isdisjoint(NAMES)


def test_no_layer_holds_a_secret(layers):
    assert any("def create_app" in words for words in layers.values())  # else we looked at nothing
    assert [name for name, words in layers.items() if CANARY in words] == []

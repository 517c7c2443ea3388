"""What texts are about, as vectors: the port to whatever model makes them."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Tells how near two texts are in meaning."""

    def embed(self, text: str) -> Vector:
        """A vector of length 1; the product of two is the nearer to 1 the more their texts say the same."""

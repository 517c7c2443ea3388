"""Which pattern comes closest to a name."""

import numpy as np
import pytest

from extractor.claude.near_names import Near, NearNames

VECTORS = {"east": (1, 0), "also east": (1, 0), "north": (0, 1), "north-east": (0.6, 0.8)}


class Compass:
    def __init__(self):
        self.embedded = []

    def __call__(self, text):
        self.embedded.append(text)
        return np.array(VECTORS[text], np.float32)


def test_the_closest_text_tells_the_pattern_and_of_equal_ones_the_first():
    near = NearNames([("a", "east"), ("b", "north"), ("c", "also east")], Compass())
    assert near.closest("north-east") == Near("b", pytest.approx(0.8))
    assert near.closest("also east") == Near("a", 1.0)


def test_texts_are_embedded_once_and_not_before_somebody_asks():
    compass = Compass()
    near = NearNames([("a", "east"), ("b", "north")], compass)
    assert compass.embedded == []
    for _ in range(2):
        near.closest("north-east")
    assert compass.embedded.count("east") == 1

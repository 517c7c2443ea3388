"""Which repositories have one term, as rows of an index."""

from array import array
from typing import Any

import numpy as np
import numpy.typing as npt

from devnexus.alike.bag import Term

Sums = npt.NDArray[np.signedinteger[Any]]
"""One number a row."""

_COLUMN_FROM = 24
"""From one row in 24 on, adding to every row takes less time than to those that have the term."""

_FEW = 2
"""So many are a list however few rows there are."""


class Having:
    """The rows that have a term: a list while they are few, a column of zeros and ones while many."""

    __slots__ = ("_column", "_rows", "count", "term", "weight")

    def __init__(self, term: Term) -> None:
        self.term = term
        self.weight = 0
        """What sharing the term says, as the index last reckoned it."""
        self.count = 0
        self._rows = array("i")
        self._column: npt.NDArray[np.uint8] | None = None

    def add(self, row: int) -> None:
        """From now on `row` has it, which did not."""
        self.count += 1
        if self._column is None:
            self._rows.append(row)
            return
        if row >= len(self._column):  # rows beyond the end of a column do not have the term
            longer = np.zeros(row + row // 4 + 1, np.uint8)
            longer[: len(self._column)] = self._column
            self._column = longer
        self._column[row] = 1

    def remove(self, row: int) -> None:
        """From now on `row` has it no more."""
        self.count -= 1
        if self._column is None:
            self._rows.remove(row)
        else:
            self._column[row] = 0

    def add_to(self, sums: Sums, number: int) -> None:
        """Add `number` to the sum of every row that has it."""
        if self._column is None:
            np.add.at(sums, np.frombuffer(self._rows, np.intc), sums.dtype.type(number))
        else:
            sums[: len(self._column)] += self._column[: len(sums)] * sums.dtype.type(number)

    def settle(self, repositories: int, length: int) -> None:
        """Become a list or a column, whichever suits so many repositories in `length` rows."""
        if self._column is None and self.count > max(_FEW, repositories / _COLUMN_FROM):
            self._column = np.zeros(length, np.uint8)
            self._column[np.frombuffer(self._rows, np.intc)] = 1
            self._rows = array("i")
        elif self._column is not None and self.count <= max(_FEW, repositories / _COLUMN_FROM / 2):
            self._rows = array("i", np.flatnonzero(self._column).tolist())
            self._column = None

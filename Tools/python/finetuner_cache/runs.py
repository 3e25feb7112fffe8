"""Which content has which row in a space, as runs of rows that follow each other."""

from typing import Iterator, NamedTuple, Tuple

import numpy

from .kinds import Numbers


class Runs(NamedTuple):
    """Ascending by content: one element a run."""
    first_content: Numbers
    row_count: Numbers
    chunk: Numbers
    first_row: Numbers

    def find(self, contents: Numbers) -> Tuple[Numbers, Numbers]:
        """For each content its chunk's number and its row; a row of -1 where the space does not have it."""
        if len(self.first_content) == 0:
            return numpy.zeros_like(contents), numpy.full_like(contents, -1)
        run = numpy.maximum(numpy.searchsorted(self.first_content, contents, side="right") - 1, 0)
        place = contents - self.first_content[run]
        found = (place >= 0) & (place < self.row_count[run])
        return self.chunk[run], numpy.where(found, self.first_row[run] + place, -1)


def grouped(numbers: Numbers) -> Iterator[Tuple[int, Numbers]]:
    """Each number that is there, ascending, with the positions that have it, ascending."""
    order = numpy.argsort(numbers, kind="stable")
    bounds = numpy.flatnonzero(numpy.diff(numbers[order])) + 1
    for group in numpy.split(order, bounds):
        if len(group):
            yield int(numbers[group[0]]), group

"""Labels as class numbers."""

from typing import List, Optional, Sequence, Tuple

import numpy

from .kinds import Numbers


def class_numbers(labels: Sequence[Optional[str]]) -> Tuple[List[str], Numbers]:
    """The classes in ascending order, and each label's number among them: -1 where there is no label."""
    classes = sorted({label for label in labels if label is not None})
    numbers = {label: number for number, label in enumerate(classes)}
    return classes, numpy.array([-1 if label is None else numbers[label] for label in labels], dtype=numpy.int64)

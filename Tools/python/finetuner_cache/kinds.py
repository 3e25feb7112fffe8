"""Names for the kinds of values that the package passes around."""

import os
from typing import Any, Union

import numpy
import numpy.typing

Floats = numpy.typing.NDArray[numpy.float32]
Bytes = numpy.typing.NDArray[numpy.uint8]
Words = numpy.typing.NDArray[numpy.uint32]
Numbers = numpy.typing.NDArray[numpy.int64]
Mask = numpy.typing.NDArray[numpy.bool_]
Values = numpy.typing.NDArray[Any]  # what a caller brings
Buffer = Union[bytes, bytearray, memoryview]
FilePath = Union[str, "os.PathLike[str]"]

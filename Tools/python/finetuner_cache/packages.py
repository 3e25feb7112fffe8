"""Packages that only one feature needs, imported where it is used."""

import importlib
from typing import Any

from .errors import StoreError


def needed(module: str, extra: str) -> Any:
    """The module. Raises StoreError naming the extra of this package that installs it where it is missing."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise StoreError(f"The Python package {module} cannot be imported ({error});"
                         f" install it with: pip install 'Tools/python[{extra}]', in the folder of finetuner-cache's sources") from None

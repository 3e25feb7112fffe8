"""What the tests for pytest begin with: `python -m unittest` skips them where pytest is not installed."""

import importlib
import unittest

try:
    import pytest
except ImportError:
    raise unittest.SkipTest("needs the package pytest") from None

__all__ = ["package", "pytest"]


def package(name):
    """The module, or a skipped test that names it. For use inside of tests and fixtures."""
    try:
        return importlib.import_module(name)
    except ImportError:
        pytest.skip(f"needs the package {name}")

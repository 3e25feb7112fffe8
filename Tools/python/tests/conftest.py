import os
import subprocess
import sys

import pytest

from finetuner_cache import open_store

from . import gallery, samples


@pytest.fixture(scope="session")
def gallery_store(tmp_path_factory):
    """The store of gallery.py."""
    return open_store(gallery.make(tmp_path_factory.mktemp("gallery") / "a store ?é").path, verify=True)


@pytest.fixture(scope="session")
def full_store(tmp_path_factory):
    """The store of samples.py with all that can be in one; its spaces are "net f16" and so on."""
    return open_store(samples.full_store(tmp_path_factory.mktemp("full") / "store").path, verify=True)


@pytest.fixture
def program():
    """Runs python -m finetuner_cache with arguments."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    environment = {**os.environ, "PYTHONPATH": folder}

    def run(*arguments, **options):
        return subprocess.run([sys.executable, "-m", "finetuner_cache", *map(str, arguments)], env=environment,
                              capture_output=True, text=True, **options)
    return run

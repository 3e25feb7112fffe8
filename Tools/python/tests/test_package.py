"""What is installed: the wheel with everything in it, and types that mypy accepts."""

import ast
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import finetuner_cache

from . import gallery
from .needs import package, pytest

FOLDER = Path(__file__).resolve().parent.parent
SOURCES = sorted((FOLDER / "finetuner_cache").rglob("*.py"))


def run(*arguments, **options):
    result = subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy so that nothing stays in the sources' folder."""
    package("build"), package("wheel"), package("setuptools")
    folder = tmp_path_factory.mktemp("wheel")
    for name in ["pyproject.toml", "README.md", "finetuner_cache/py.typed", *(path.relative_to(FOLDER) for path in SOURCES)]:
        (folder / "copy" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "copy" / name).write_bytes((FOLDER / name).read_bytes())
    run("-m", "build", "--wheel", "--no-isolation", "-o", folder, folder / "copy")
    [path] = folder.glob("*.whl")
    return path


def test_wheel_has_everything(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if name.startswith("finetuner_cache/")}
    assert names == {str(path.relative_to(FOLDER)) for path in SOURCES} | {"finetuner_cache/py.typed"}


def test_installed_package_reads_a_store(wheel, tmp_path):
    target = tmp_path / "installed"
    run("-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", target, wheel)
    store = gallery.make(tmp_path / "store").path
    program = "import finetuner_cache, sys; print(finetuner_cache.__file__, len(finetuner_cache.open_store(sys.argv[1]).features()[0]))"
    environment = {**os.environ, "PYTHONPATH": str(target)}
    assert run("-c", program, store, cwd=tmp_path, env=environment).split() == [str(target / "finetuner_cache" / "__init__.py"), "301"]
    assert "export" in run("-m", "finetuner_cache", "--help", cwd=tmp_path, env=environment)
    assert (target / "finetuner_cache" / "py.typed").exists()


def test_types(tmp_path):
    package("mypy")
    assert "Success" in run("-m", "mypy", "--strict", "--cache-dir", tmp_path, "finetuner_cache", cwd=FOLDER)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_syntax_of_python_3_9(path):
    ast.parse(path.read_text("utf-8"), feature_version=(3, 9))


def test_heavy_packages_are_not_imported():
    heavy = ["torch", "pandas", "pyarrow", "faiss", "lance", "lancedb", "qdrant_client", "pymilvus"]
    program = f"import sys, finetuner_cache.__main__, finetuner_cache.exports; print([m for m in {heavy} if m in sys.modules])"
    assert run("-c", program, cwd=FOLDER) == "[]\n"


def test_lazy_names():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        finetuner_cache.nothing

"""The faces of the packages."""

import subprocess
import sys
from importlib import import_module
from types import ModuleType

import pytest

FACES = ["bot", "ingest", "retrieval"]
HEAVY = {"chromadb", "sentence_transformers", "sqlalchemy", "tantivy", "torch", "transformers"}


@pytest.mark.parametrize("package", FACES)
def test_face_is_what_can_be_imported(package: str) -> None:
    """`__all__` is sorted and without repeats, and each of its names is there, not hidden by a module of the same name."""
    face = import_module(package)

    assert face.__all__ == sorted(set(face.__all__), key=lambda name: (not name.isupper(), name))
    assert face.__all__
    assert not any(isinstance(getattr(face, name), ModuleType) for name in [*face.__all__, *face.__all__])


def test_unknown_names_are_refused() -> None:
    """A name that is not in the face is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = import_module("retrieval").nothing


@pytest.mark.parametrize("package", FACES)
def test_importing_a_package_is_quick(package: str) -> None:
    """Importing a package loads none of the libraries that take seconds."""
    code = f"import sys, {package}; print(*sorted(set(sys.modules) & {HEAVY}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""

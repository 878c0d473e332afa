"""Lint, format, types and import floors, so that one command checks everything."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHECKS = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "imports": ["importlinter.cli"],
}


@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str) -> None:
    """The project's own rules hold everywhere."""
    module, *arguments = CHECKS[name]
    command = ["lint-imports"] if name == "imports" else [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr

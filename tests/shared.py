"""Public data kept beside the project. What needs it skips, with the reason, where it is missing."""

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_data(name: str) -> Path:
    """Find a file of the shared test data, such as "stripe/fixtures3.json"; skip the test when it is not there."""
    path = Path(os.environ.get("GOODPLAY_SHARED_DATA") or BESIDE) / name
    if not path.exists():
        pytest.skip(f"needs the shared test data: no {path} (GOODPLAY_SHARED_DATA may name another folder)")
    return path

"""A set whose reports are cached, and the cache file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.places import CORPUS


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    folder = tmp_path / "policies"
    folder.mkdir()
    for name in ("vocabulary.policy", "bad/conflicts/two_norms.policy"):
        shutil.copy(CORPUS / name, folder / Path(name).name)
    file = folder / "two_norms.policy"
    text = file.read_text("utf-8").replace("../../vocabulary.policy", "vocabulary.policy")
    file.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "memory" / "answers.db"

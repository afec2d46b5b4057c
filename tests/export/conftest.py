"""What the tests of export share."""

import shutil

import pytest


@pytest.fixture
def copy(artefact, tmp_path):
    """A copy to break."""
    return shutil.copytree(artefact, tmp_path / "copy")

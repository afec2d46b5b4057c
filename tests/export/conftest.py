"""One artefact, written once; tests that break it take a copy."""

import shutil

import pytest

from nlpkit import export
from tests.artefacts import LABELS, tiny_classifier


@pytest.fixture(scope="session")
def live():
    """The classifier in the process that built it."""
    return tiny_classifier()


@pytest.fixture(scope="session")
def artefact(live, tmp_path_factory):
    """The same, written."""
    folder = tmp_path_factory.mktemp("artefact") / "saved_model"
    export.write(live, folder, extra={"labels.json": LABELS})
    return folder


@pytest.fixture
def copy(artefact, tmp_path):
    """A copy to break."""
    return shutil.copytree(artefact, tmp_path / "copy")

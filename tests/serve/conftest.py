"""One artefact, loaded once."""

import pytest

from nlpkit import export, serve
from tests.artefacts import LABELS, tiny_classifier


@pytest.fixture(scope="session")
def artefact(tmp_path_factory):
    """A classifier, written."""
    folder = tmp_path_factory.mktemp("artefact") / "saved_model"
    export.write(tiny_classifier(), folder, extra={"labels.json": LABELS})
    return folder


@pytest.fixture(scope="session")
def model(artefact):
    """The same, loaded for serving."""
    return serve.load(artefact)

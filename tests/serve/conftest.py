"""One artefact of each task, loaded once."""

import pytest

from nlpkit import export, serve
from tests.artefacts import LABELS, tiny_classifier, tiny_next_word


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


@pytest.fixture(scope="session")
def language_artefact(tmp_path_factory):
    """A language model, written."""
    folder = tmp_path_factory.mktemp("language") / "saved_model"
    export.write(tiny_next_word(), folder, probes=["the cat", ""])
    return folder


@pytest.fixture
def language_model(language_artefact):
    """The same, loaded for serving."""
    return serve.load(language_artefact)

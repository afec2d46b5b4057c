"""The artefact of each task, loaded once."""

import pytest

from nlpkit import serve


@pytest.fixture(scope="session")
def model(artefact):
    """The classifier, loaded for serving."""
    return serve.load(artefact)


@pytest.fixture(scope="session")
def language_model(language_artefact):
    """The language model, loaded for serving."""
    return serve.load(language_artefact)

"""Text knows nothing of Keras: its session is not cleared for each of these many small tests."""

import pytest


@pytest.fixture(autouse=True)
def seeded():
    """Takes the place of the fixture that the layers' tests need, which costs half a second."""

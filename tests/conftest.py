"""One backend a run (KERAS_BACKEND), one seed a test, and what Keras's backends need for it."""

import keras
import pytest

if keras.backend.backend() == "jax":
    import jax

    # Otherwise JAX turns float64 into float32, and the float64 tests would say nothing.
    jax.config.update("jax_enable_x64", True)


def pytest_configure(config):
    # Keras 3.15's variables lack the `copy` of NumPy 2's array protocol.
    config.addinivalue_line("filterwarnings", "ignore:__array__ implementation")


@pytest.fixture(autouse=True)
def seeded():
    """Every test starts from the same seed."""
    keras.utils.set_random_seed(0)

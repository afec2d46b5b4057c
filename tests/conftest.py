"""One backend a run (KERAS_BACKEND), one seed a test, and what Keras's backends need for it."""

import pytest


def pytest_configure(config):
    # Keras 3.15's variables lack the `copy` of NumPy 2's array protocol.
    config.addinivalue_line("filterwarnings", "ignore:__array__ implementation")
    # xdist's coordinator runs no test, and what TensorFlow says when it is imported would come
    # after pytest's summary.
    if not config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        _prepare()


def _prepare():
    import keras

    if keras.backend.backend() == "jax":
        import jax

        # Otherwise JAX turns float64 into float32, and the float64 tests would say nothing.
        jax.config.update("jax_enable_x64", True)


@pytest.fixture(autouse=True)
def seeded():
    """Every test starts from the same seed."""
    import keras

    keras.utils.set_random_seed(0)

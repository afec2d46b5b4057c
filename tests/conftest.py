"""One backend a run (KERAS_BACKEND), one seed a test, and an artefact of each task."""

import gc
import warnings

import hypothesis
import pytest

# A machine that is busy is no fault.
hypothesis.settings.register_profile("nlpkit", deadline=None)
hypothesis.settings.load_profile("nlpkit")

# Graphs are many small objects that live long: looking through them takes a tenth of the time.
gc.set_threshold(50_000, 10, 10)


def pytest_runtest_teardown(item, nextitem):
    # A fifth of what a process has come to hold is garbage that the thresholds leave for later.
    if nextitem is not None and nextitem.path != item.path:
        with warnings.catch_warnings():  # what is found unclosed is not this test's
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


def pytest_collection_modifyitems(items):
    # Files with slow tests go first, so that workers that take a file each end together.
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_configure(config):
    config.option.loadscopereorder = False  # xdist's own order puts files of few tests last
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


@pytest.fixture(scope="session")
def live():
    """The smallest classifier, in the process that built it."""
    from tests.artefacts import tiny_classifier

    return tiny_classifier()


@pytest.fixture(scope="session")
def artefact(live, tmp_path_factory):
    """The same, written; who changes it takes a copy."""
    from nlpkit import export
    from tests.artefacts import LABELS

    folder = tmp_path_factory.mktemp("artefact") / "saved_model"
    export.write(live, folder, extra={"labels.json": LABELS})
    return folder


@pytest.fixture(scope="session")
def language_module():
    """The smallest language model, in the process that built it."""
    from tests.artefacts import tiny_next_word

    return tiny_next_word()


@pytest.fixture(scope="session")
def language_artefact(language_module, tmp_path_factory):
    """The same, written; who changes it takes a copy."""
    from nlpkit import export

    folder = tmp_path_factory.mktemp("language") / "saved_model"
    export.write(language_module, folder, probes=["the cat", "", "정말 영화"])
    return folder

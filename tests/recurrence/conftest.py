"""What the recurrence is tested on: TensorFlow, cores and windows that are the same everywhere."""

import platform

import keras
import pytest
import tensorflow as tf

from nlpkit.recurrence import compiled, eager, kernels
from nlpkit.recurrence.native.cpu import library
from tests.recurrence import cudnn_twin

BUILT_ON = [("Linux", "x86_64"), ("Linux", "aarch64")]
"""What setup.py builds the kernel in C for."""


@pytest.fixture(scope="session", autouse=True)
def on_tensorflow():
    """Other backends leave the loop to Keras."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("the recurrence runs on TensorFlow's backend only")


@pytest.fixture(autouse=True)
def seeded():
    """No seed for each test: that empties TensorFlow's caches, and these draw their own numbers."""


@pytest.fixture
def small_windows(monkeypatch):
    """Windows of 2 or 4 steps and two cores, so that short sequences and small batches are cut."""
    engine = compiled._ENGINE._replace(steps=lambda time, rows: 2 if time == 1 else 4)
    monkeypatch.setattr(compiled, "_ENGINE", engine)
    monkeypatch.setattr(compiled.os, "sched_getaffinity", lambda _: {0, 1})


@pytest.fixture
def cudnn_on_cpu(monkeypatch):
    """A twin of cuDNN's ops that runs here."""
    monkeypatch.setattr(tf.raw_ops, "CudnnRNNV3", cudnn_twin.forward)
    monkeypatch.setattr(tf.raw_ops, "CudnnRNNBackpropV3", cudnn_twin.backward)


@pytest.fixture
def on_cpu(monkeypatch):
    """Puts another kernel in the CPU's table, as its only one."""

    def put(kernel):
        monkeypatch.setattr(
            kernels, "by_device", lambda *_, **__: {"CPU": kernel, kernels.OTHER: kernels.LOOP}
        )

    eager._traced.cache_clear()
    yield put
    eager._traced.cache_clear()


@pytest.fixture
def native():
    """For tests of the kernel in C, which is built where it can be."""
    if reason := library.missing():
        built = (platform.system(), platform.machine()) in BUILT_ON
        (pytest.fail if built else pytest.skip)(f"There is no kernel in C: {reason}.")


@pytest.fixture(params=["avx512", "avx2", "portable"])
def variant(request):
    """Each compilation of the kernel in C that this processor can run."""
    before = library.variant()
    if not library.use(request.param):
        pytest.skip(f"the processor has no {request.param}")
    yield request.param
    library.use(before)


@pytest.fixture
def without_native(monkeypatch):
    """Leaves all cells to the kernels after that in C."""
    monkeypatch.setenv(library.VARIABLE, "0")
    eager._traced.cache_clear()
    yield
    eager._traced.cache_clear()

"""Ctrl-C in a training: held back until a step is done, never lost, at once the second time."""

import signal
import threading

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.data import TokenStream
from nlpkit.models import LanguageModel
from nlpkit.signals import stop
from nlpkit.training import StreamScorer
from nlpkit.training.interrupts import interrupts_between_steps, step_done
from nlpkit.training.validation import predict_dataset


@pytest.fixture(autouse=True)
def ctrl_c_raises():
    """What Python does, also where the tests run in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def ctrl_c():
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_waits_until_a_step_is_done():
    passed = []
    with pytest.raises(KeyboardInterrupt), interrupts_between_steps():
        step_done()
        ctrl_c()
        passed.append("the step")
        step_done()
        passed.append("another step")
    assert passed == ["the step"]


def test_a_signal_that_ends_a_command_waits_too():
    passed, before = [], signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(SystemExit, match="143"), interrupts_between_steps():
            signal.raise_signal(signal.SIGTERM)
            passed.append("the step")
            step_done()
        assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, before)
    assert passed == ["the step"]


def test_ctrl_c_waits_until_the_end_at_most():
    passed = []
    with pytest.raises(KeyboardInterrupt), interrupts_between_steps():
        ctrl_c()
        passed.append("the rest")
    assert passed == ["the rest"]


def test_a_second_ctrl_c_does_not_wait():
    passed = []
    with pytest.raises(KeyboardInterrupt), interrupts_between_steps():
        ctrl_c()
        passed.append("the first")
        ctrl_c()
        passed.append("the second")
    assert passed == ["the first"]


def test_an_error_is_raised_as_it_is_and_the_next_training_is_not_interrupted():
    with pytest.raises(ValueError, match="a step"), interrupts_between_steps():
        ctrl_c()
        raise ValueError("a step")
    with interrupts_between_steps():
        step_done()


def test_outside_a_training_ctrl_c_never_waits():
    with interrupts_between_steps():
        pass
    step_done()
    with pytest.raises(KeyboardInterrupt):
        ctrl_c()


def test_what_would_be_lost_is_saved_between_the_steps_before_ctrl_c_is_delivered():
    passed = []
    with pytest.raises(KeyboardInterrupt), interrupts_between_steps(lambda: passed.append("saved")):
        step_done()
        ctrl_c()
        passed.append("the step")
        step_done()
    assert passed == ["the step", "saved"]


def test_validation_stops_after_the_batch_that_got_ctrl_c():
    begun = []

    class Batches:
        element_spec = tf.TensorSpec([2, 1]), tf.TensorSpec([2], tf.int32)

        def __iter__(self):
            for batch in range(4):
                begun.append(batch)
                if batch == 1:
                    ctrl_c()
                yield tf.ones([2, 1]), tf.zeros([2], tf.int32)

    with pytest.raises(KeyboardInterrupt), interrupts_between_steps():
        predict_dataset(lambda ids, training: ids, Batches())
    assert begun == [0, 1]


def test_reading_a_stream_stops_after_the_window_that_got_ctrl_c(tmp_path, monkeypatch):
    np.zeros(1_601, np.int32).tofile(tmp_path / "ids")
    scorer, windows = StreamScorer(LanguageModel(4, units=2)), []

    def window(inputs, *_, **__):
        windows.append(inputs.shape[1])
        ctrl_c()
        return [tf.zeros(inputs.shape[1])], None

    monkeypatch.setattr(scorer, "_window", window)
    with pytest.raises(KeyboardInterrupt), interrupts_between_steps():
        scorer.score(TokenStream(tmp_path / "ids", 1_600))
    assert len(windows) == 1


def test_another_handler_is_left_alone():
    heard = []
    ours = signal.signal(signal.SIGINT, lambda *_: heard.append("Ctrl-C"))
    with interrupts_between_steps():
        ctrl_c()
        step_done()
    assert heard == ["Ctrl-C"]
    signal.signal(signal.SIGINT, ours)


def test_another_thread_trains_as_ever():
    handlers = []

    def train():
        with interrupts_between_steps():
            step_done()
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert handlers == [signal.default_int_handler]

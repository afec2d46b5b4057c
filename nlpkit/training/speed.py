"""How fast a language model learns on this machine."""

import dataclasses
import time
from collections.abc import Callable

import tensorflow as tf

from nlpkit.data import TokenStream
from nlpkit.models import LanguageModel
from nlpkit.optimizers import LazyAdam
from nlpkit.training.interrupts import interrupts_between_steps, step_done
from nlpkit.training.language import training_step, training_windows
from nlpkit.training.scoring import StreamScorer

__all__ = ["seconds_per_token"]

_LEAST_SECONDS, _LEAST_RUNS = 1.0, 3
_SCORED = 512


def seconds_per_token(
    model: LanguageModel,
    train: TokenStream,
    validation: TokenStream,
    *,
    batch_size: int = 32,
    steps: int = 35,
    clock: Callable[[], float] = time.monotonic,
) -> float:
    """Measures how long a model takes for a token of a pass, the validation after it included.

    The first window of the training stream is learnt from again and again, and the first 512
    tokens of the validation stream are scored, each for a second, or three times if that takes
    longer. Compiling is left out. The model's weights are changed.

    Args:
        model: The language model.
        train: The training stream.
        validation: The validation stream.
        batch_size: See `fit_language_model`. Default 32.
        steps: See `fit_language_model`. Default 35.
        clock: A function that gives the time in seconds. Default: `time.monotonic`.

    Returns:
        Seconds of a pass, divided by the length of the training stream.
    """
    ((inputs, targets),) = training_windows(train, batch_size, steps).take(1)
    step, scorer = training_step(model, LazyAdam()), StreamScorer(model)
    states, seed = model.zero_states(inputs.shape[0]), tf.constant([0, 0])
    start = dataclasses.replace(validation, size=min(validation.size, _SCORED))

    def learn() -> None:
        float(step(inputs, targets, states, seed)[0])  # waits for a GPU

    learning = _seconds(learn, clock) / (inputs.shape[0] * inputs.shape[1])
    scoring = _seconds(lambda: scorer.score(start), clock) / start.size
    return learning + scoring * validation.size / train.size


def _seconds(run: Callable[[], object], clock: Callable[[], float]) -> float:
    """The mean time of a run, after two that are not counted: they trace and compile."""
    with interrupts_between_steps():
        for _ in range(2):
            run()
        runs, begun = 0, clock()
        while runs < _LEAST_RUNS or clock() - begun < _LEAST_SECONDS:
            run()
            runs += 1
            step_done()
        return (clock() - begun) / runs

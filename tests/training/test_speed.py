"""The time of a token: learning and the validation after it, and nothing of what comes before."""

import numpy as np
import pytest

from nlpkit.data import TokenStream
from nlpkit.models import LanguageModel
from nlpkit.training import seconds_per_token, speed

V = 12


def stream(path, size):
    path.write_bytes(np.concatenate([[0], np.arange(size) % V]).astype(np.int32).tobytes())
    return TokenStream(path, size)


@pytest.mark.parametrize("took", [0.1, 2.0])
@pytest.mark.parametrize("validated", [30, 2_000])
def test_the_time_of_a_pass_is_that_of_its_windows_and_its_validation(
    tmp_path, monkeypatch, took, validated
):
    """A window takes so many seconds, a validation half of them; the first two of each a year."""
    train, validation = stream(tmp_path / "train", 600), stream(tmp_path / "valid", validated)
    now, runs = [0.0], {"step": 0, "score": 0}
    training_step, score = speed.training_step, speed.StreamScorer.score

    def passes(name, seconds):
        runs[name] += 1
        now[0] += seconds if runs[name] > 2 else 3e7

    def slow_step(*arguments):
        step = training_step(*arguments)

        def run(*window):
            passes("step", took)
            return step(*window)

        return run

    def slow_score(*arguments):
        passes("score", took / 2)
        return score(*arguments)

    monkeypatch.setattr(speed, "training_step", slow_step)
    monkeypatch.setattr(speed.StreamScorer, "score", slow_score)
    actual = seconds_per_token(
        LanguageModel(V, units=4, layers=1, seed=1),
        train,
        validation,
        batch_size=4,
        steps=5,
        clock=lambda: now[0],
    )
    expected = 30 * took + took / 2 * validated / min(validated, 512)
    assert actual == pytest.approx(expected / 600)
    assert all(2 + 3 <= count <= 2 + 21 for count in runs.values())

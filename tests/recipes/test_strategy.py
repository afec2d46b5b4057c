"""Several replicas learn as one does, on devices of one machine or in several processes."""

import numpy as np
import pytest

from tests import kill_test, workers
from tests.commands import complains, nlpkit_command

__all__ = ["nlpkit_command"]

pytestmark = pytest.mark.slow

TINY = {
    "sentiment": ["--units", "4", "--embedding", "4", "--epochs", "6", "--patience", "6",
                  "--batch-size", "31"],
    "next-word": ["--units", "4", "--layers", "2", "--epochs", "2", "--batch-size", "5"],
}  # fmt: skip
RECIPES = pytest.mark.parametrize("recipe", TINY)


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    """A function that gives the command of a recipe, and the losses of one replica."""
    made = {}

    def run(recipe):
        if recipe not in made:
            folder = tmp_path_factory.mktemp(recipe)
            command = [recipe, "--data", kill_test.make_data(recipe, folder), *TINY[recipe]]
            command += ["--dropout", "0"]
            child = workers.start(folder / "losses", *command, "--out", folder / "OUT")
            answer = workers.ended(child)
            assert answer.status == 0, answer.err
            made[recipe] = command, workers.steps(folder / "losses")
        return made[recipe]

    return run


@RECIPES
def test_mirrored_replicas_learn_as_one(alone, tmp_path, recipe):
    command, expected = alone(recipe)
    out = ["--out", tmp_path / "OUT", "--strategy", "mirrored"]
    answer = workers.ended(workers.start(tmp_path / "losses", *command, *out, cpus=2))
    assert answer.status == 0, answer.err
    assert len(expected) >= 50
    np.testing.assert_allclose(workers.steps(tmp_path / "losses"), expected, rtol=1e-4)


@RECIPES
def test_two_workers_learn_as_one_and_the_chief_writes(nlpkit_command, alone, tmp_path, recipe):
    command, expected = alone(recipe)
    answers = together(tmp_path, command)
    assert [answer.status for answer in answers] == [0, 0], answers
    assert answers[1].out == "" and not (tmp_path / "OUT-1").exists()
    assert "training the linear part" not in answers[1].err
    assert "training the linear part" in answers[0].err or recipe != "sentiment"
    assert len(expected) >= 50
    for index in range(2):
        np.testing.assert_allclose(workers.steps(tmp_path / f"losses-{index}"), expected, rtol=1e-4)
    assert nlpkit_command("verify", tmp_path / "OUT-0" / "saved_model").status == 0


def test_a_killed_worker_is_missed_and_both_resume(alone, tmp_path):
    """TensorFlow's heartbeats miss it within ten seconds; the rest is a busy machine's."""
    command, expected = alone("sentiment")
    command = [*command, "--checkpoint-minutes", "0.001"]
    chief, other = started(tmp_path, command)
    for line in chief.stderr:
        if line.startswith("epoch 2/"):
            other.kill()
            break
    answer = workers.ended(chief, seconds=90)
    workers.ended(other)
    assert answer.status == 1 and answer.out == ""
    (sentence,) = [line for line in answer.err.splitlines() if line.startswith("nlpkit: ")]
    assert "nlpkit: worker 1 (127.0.0.1:" in sentence and "is gone" in sentence
    assert sentence.endswith("with `--resume` to go on from the chief's last checkpoint.")
    (tmp_path / "losses-0").unlink()
    answers = together(tmp_path, command, "--resume")
    assert [answer.status for answer in answers] == [0, 0], answers
    assert "resuming at epoch" in answers[0].err
    again = workers.steps(tmp_path / "losses-0")
    assert len(again) < len(expected)
    np.testing.assert_allclose(again, expected[-len(again) :], rtol=1e-4)


def test_workers_with_other_options_are_told_which(alone, tmp_path):
    command, _ = alone("sentiment")
    children = [
        workers.start(tmp_path / f"{index}", *command, "--seed", str(index), config=task)
        for index, task in enumerate(workers.two_tasks())
    ]
    chief, other = map(workers.ended, children)
    assert (chief.status, other.status) == (2, 2)
    assert "has `--seed 1`, and the chief has `--seed 0`; give all workers the same" in other.err
    assert "has other data or options, which it names itself" in chief.err


@pytest.mark.parametrize(
    ("options", "config", "sentence"),
    [
        (["--strategy", "multi-worker"], "", "needs the environment variable `TF_CONFIG`"),
        (["--strategy", "mirrored"], "", "needs at least 2 GPUs, but there is 1 device, CPU:0"),
        (["--strategy", "tpu"], "", "needs a TPU, but there is none"),
        (["--strategy", "both"], "", "`--strategy` must be one of 'auto', 'cpu', 'mirrored'"),
        ([], "{", "`TF_CONFIG` must be JSON such as"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(
    nlpkit_command, monkeypatch, tmp_path, options, config, sentence
):
    monkeypatch.setenv("TF_CONFIG", config)
    out = ["--out", tmp_path / "OUT", "--quiet"]
    complains(nlpkit_command("sentiment", *options, *out), 2, sentence)


def together(folder, command, *more):
    """What two workers of a command leave."""
    children = started(folder, command, *more)
    return [workers.ended(child) for child in children]


def started(folder, command, *more):
    """Two workers of a command."""
    return [
        workers.start(
            folder / f"losses-{index}",
            *command,
            "--out",
            folder / f"OUT-{index}",
            *more,
            config=task,
        )
        for index, task in enumerate(workers.two_tasks())
    ]

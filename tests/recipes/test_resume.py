"""A recipe that is killed and resumed ends with the numbers of one that was left alone."""

import json

import pytest

from nlpkit import export
from tests import kill_test
from tests.commands import complains, interrupted, nlpkit_command

__all__ = ["nlpkit_command"]

pytestmark = pytest.mark.slow

TINY = {
    "sentiment": ["--units", "4", "--embedding", "4", "--epochs", "6", "--patience", "6"],
    "next-word": ["--units", "4", "--layers", "2", "--epochs", "4", "--steps", "8"],
}  # fmt: skip
RECIPES = pytest.mark.parametrize("recipe", TINY)
MOMENTS = ("epoch 2/", "exporting")


@RECIPES
def test_killed_at_any_moment_and_resumed_it_ends_alike(
    nlpkit_command, tmp_path, monkeypatch, recipe
):
    monkeypatch.setattr("nlpkit.export.verification.verify", lambda *_, **__: export.Report(()))
    command = [recipe, "--data", kill_test.make_data(recipe, tmp_path), *TINY[recipe], "--out"]
    assert nlpkit_command(*command, tmp_path / "alone", "--quiet").status == 0
    out, folder = tmp_path / "OUT", tmp_path / ".OUT.checkpoint"
    for moment in MOMENTS:
        answer = interrupted(*command, out, "--resume", at=moment, number=9)
        assert answer.status == -9
        assert kill_test.loaded(out)
    refused = nlpkit_command(*command, out, "--resume", "--seed", "5", "--quiet")
    complains(refused, 2, "was made with `--seed 0`, and this run has `--seed 5`")
    answer = nlpkit_command(*command, out, "--resume")
    assert answer.status == 0 and "resuming at the end of the training" in answer.err
    assert kill_test.numbers(out) == kill_test.numbers(tmp_path / "alone")
    assert json.loads((out / "config.json").read_text()).keys().isdisjoint({"resume"})
    assert not folder.exists()

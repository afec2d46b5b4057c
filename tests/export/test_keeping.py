"""A run's folder appears whole or not at all, but a trained model survives whatever fails."""

import functools

import pytest

from nlpkit.export import run_directory

MARKER = "metrics.json"
draft_of = functools.partial(run_directory, marker=MARKER, contents={MARKER, "model.keras"})


def content(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.fixture
def out(tmp_path):
    """Where an old model stands."""
    with draft_of(tmp_path / "out") as draft:
        assert not draft.replaces
        (draft.folder / MARKER).write_text("old")
    return tmp_path / "out"


def test_a_run_that_succeeds_replaces_the_old_one(out):
    with draft_of(out) as draft:
        assert draft.replaces
        (draft.folder / MARKER).write_text("new")
        draft.keep("the model")
    assert content(out) == {MARKER: "new"}
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("error", [ValueError("too bad"), KeyboardInterrupt(), SystemExit(143)])
def test_before_a_model_is_trained_a_failure_leaves_nothing(out, error):
    with pytest.raises(type(error)), draft_of(out) as draft:
        (draft.folder / MARKER).write_text("new")
        raise error
    assert content(out) == {MARKER: "old"}
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("error", [ValueError("too bad"), KeyboardInterrupt(), SystemExit(143)])
def test_a_trained_model_is_put_beside_the_old_one_each_time(out, error):
    for number in ("", "-2"):
        with pytest.raises(type(error)) as caught, draft_of(out) as draft:
            (draft.folder / "model.keras").write_text("trained")
            draft.keep("the model")
            raise error
        left = out.with_name(f"out-unfinished{number}")
        note = f"The model is kept in {left}, whose README.md says what to do."
        assert caught.value.__notes__[-1] == note
        assert content(left)["model.keras"] == "trained"
        assert content(left)["README.md"].startswith("> **Unfinished, and not proven.** The run")
    assert content(out) == {MARKER: "old"}
    assert len(list(out.parent.iterdir())) == 3


def test_the_card_of_a_run_begins_with_what_went_wrong(out):
    with pytest.raises(ValueError, match="too bad"), draft_of(out) as draft:
        (draft.folder / "README.md").write_text("# Model card\n")
        draft.keep("the model")
        raise ValueError("too bad")
    told = content(out.with_name("out-unfinished"))["README.md"]
    assert "too bad" in told.splitlines()[0] and told.endswith("\n# Model card\n")

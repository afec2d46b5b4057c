"""Recipes are functions too: each takes paths as text or as `Path`, and needs no command line."""

import json
from pathlib import Path

import pytest

import nlpkit
from nlpkit import export
from nlpkit.recipes import next_word, sentiment

pytestmark = pytest.mark.slow

REVIEWS = "text,label\n" + "".join(
    f"{'fine' if number % 2 else 'dull'} film {number},{number % 2}\n" for number in range(60)
)
LINES = "".join(f"the cat saw {number} birds and ran away .\n" for number in range(300))
RECIPES = {
    "sentiment": (sentiment, "x.csv", REVIEWS, {"embedding": 4, "batch_size": 8}, str),
    "next-word": (next_word, "x.txt", LINES, {"layers": 1, "batch_size": 4, "steps": 8}, Path),
}


@pytest.mark.parametrize(
    ("recipe", "name", "content", "options", "kind"), RECIPES.values(), ids=RECIPES
)
def test_main_takes_paths_of_both_kinds_and_returns_what_came_of_it(
    tmp_path, monkeypatch, capsys, recipe, name, content, options, kind
):
    verified = export.Report(())
    monkeypatch.setattr("nlpkit.export.verification.verify", lambda *_, **__: verified)
    (tmp_path / name).write_text(content, encoding="utf-8")
    out = tmp_path / "api"
    result = recipe.main(data=kind(tmp_path / name), out=kind(out), epochs=2, units=4, **options)
    said = capsys.readouterr()
    assert f"{out}: proven portable" in said.out
    assert f'try: nlpkit predict {out / "saved_model"} "…"' in said.err
    assert (result.folder, result.proof) == (out, verified)
    assert result.metrics == json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert {"loss", "val_loss"} <= set(result.history)
    assert {len(values) for values in result.history.values()} == {2}
    assert all(isinstance(value, float) for value in sum(result.history.values(), []))


def test_the_recipes_are_those_of_this_tree():
    assert Path(sentiment.__file__).parent.resolve() == (
        Path(nlpkit.__file__).resolve().parents[1] / "recipes"
    )

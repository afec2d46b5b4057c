"""Recipes that start from pretrained word vectors: they train, and say what they started from."""

import json

import pytest

from nlpkit import export
from tests.commands import complains, nlpkit_command
from tests.data.vector_formats import vectors, write

__all__ = ["nlpkit_command"]

pytestmark = pytest.mark.slow

WORDS = ["the", "Fine", "fine", "영화", "cat", "elsewhere"]
REVIEWS = "text,label\n" + "".join(
    f"{'fine' if number % 2 else 'dull'} 영화 {number},{number % 2}\n" for number in range(60)
)
LINES = "".join(f"the cat saw {number} birds and ran away .\n" for number in range(300))
RECIPES = {
    "sentiment": ("x.csv", REVIEWS, ["--batch-size", "8"], "vec.gz"),
    "next-word": ("x.txt", LINES, ["--layers", "1", "--batch-size", "4"], "bin"),
}


@pytest.mark.parametrize("command", RECIPES)
def test_a_run_starts_from_vectors_and_says_so(nlpkit_command, tmp_path, monkeypatch, command):
    monkeypatch.setattr("nlpkit.export.verification.verify", lambda *_, **__: export.Report(()))
    name, content, options, form = RECIPES[command]
    (tmp_path / name).write_text(content, encoding="utf-8")
    path, out = write(tmp_path, form, WORDS, vectors(WORDS, 6)), tmp_path / "out"
    answer = nlpkit_command(
        command, "--data", tmp_path / name, "--vectors", path, "--units", "4", "--epochs", "1",
        *options, "--out", out,
    )  # fmt: skip
    assert answer.status == 0, answer.err
    (line,) = (line for line in answer.err.splitlines() if line.startswith("vectors: "))
    assert line.startswith("vectors: 2 of ") and line.endswith(
        f"words of the vocabulary are in {path.name}"
    )
    config, metrics = (
        json.loads((out / file).read_text(encoding="utf-8"))
        for file in ("config.json", "metrics.json")
    )
    assert (config["vectors"], config["embedding"]) == (path.name, 6)
    assert metrics["vectors"] == path.name
    card = (out / "README.md").read_text(encoding="utf-8")
    assert f"from the word vectors in `{path.name}`" in " ".join(card.split())
    assert str(tmp_path) not in card


@pytest.mark.parametrize("command", RECIPES)
def test_vectors_of_another_dimension_than_wanted_are_refused_before_data_are_read(
    nlpkit_command, tmp_path, command
):
    path = write(tmp_path, "vec", WORDS, vectors(WORDS, 6))
    answer = nlpkit_command(
        command, "--data", "no.csv", "--vectors", path, "--embedding", "7", "--out", tmp_path / "o"
    )
    answer = answer._replace(err=answer.err.split("\n", 1)[1])  # after "starting TensorFlow"
    complains(
        answer, 2, f"`--embedding` must be 6, the dimension of {path}, or be left out, got 7."
    )
    assert list(tmp_path.iterdir()) == [path]

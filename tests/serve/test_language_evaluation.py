"""Figures of a language model, recomputed from its artefact alone, are those of one long pass."""

import shutil

import numpy as np
import pytest

from nlpkit import export, serve
from nlpkit.data import encode_passages
from nlpkit.data.passages import PassageWriter
from nlpkit.errors import InputError
from nlpkit.serve import language_evaluation
from nlpkit.training import evaluate_language_model
from tests.artefacts import SUBWORDS, WORDS, tiny_language_model, tiny_next_word

HASHES = (*SUBWORDS[:9], "##", "#", "###")
LINES = ["the cat sat on the mat.", "정말 영화", "a dog ran", "the dog sat on the cat."] * 9


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "data.txt"
    path.write_text("\n".join(LINES), encoding="utf-8")
    return path


def test_every_word_and_every_end_counts_once(language_model, text):
    evaluation = serve.evaluate_language(language_model, text)
    cut = [line.replace(".", " .").split() for line in LINES]
    ids = [WORDS.index(w) if w in WORDS else 1 for line in cut for w in [*line, "</s>"]]
    answers, _ = language_model.advance(language_model.start(1), np.array([[0, *ids[:-1]]]))
    answers = answers[0].numpy()
    log_probabilities = answers[np.arange(len(ids)), ids]
    best = 2 + np.argsort(-answers[:, 2:], axis=1)
    words = np.flatnonzero(np.array(ids) != 0)
    hits = best[words] == np.array(ids)[words, None]
    assert evaluation.passages == len(LINES)
    assert evaluation.test == pytest.approx(
        {
            "perplexity": np.exp(-np.mean(log_probabilities)),
            "top1": hits[:, 0].mean(),
            "top3": hits[:, :3].any(axis=1).mean(),
            "tokens": len(ids),
            "out_of_vocabulary": np.mean(np.array(ids)[words] == 1),
        },
        rel=1e-5,
    )


def test_only_what_training_holds_out_may_be_taken(language_model, text):
    text.write_text("\n".join(f"the cat sat on mat {n}." for n in range(90)), encoding="utf-8")
    whole = serve.evaluate_language(language_model, text)
    part = serve.evaluate_language(language_model, text, held_out=True)
    assert 0 < part.test["tokens"] < whole.test["tokens"]
    assert part.data == f"{text}, held out"


def test_a_model_of_two_words_is_measured_too(text, tmp_path):
    export.write(tiny_next_word(WORDS[:4]), tmp_path / "model", probes=["the cat"])
    evaluation = serve.evaluate_language(serve.load(tmp_path / "model"), text)
    words = [word for line in LINES for word in line.replace(".", " .").split()]
    # Both words are always suggested, so whichever of them came was among the first three.
    wanted = np.mean([word in WORDS[2:4] for word in words])
    assert evaluation.test["top3"] == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(("words", "kind"), [(HASHES, "subwords"), (HASHES, "words")])
def test_the_artefact_has_the_figures_of_the_live_model(text, tmp_path, words, kind):
    lines = ["the c ## cat ##at on # 영화가", "정말 cats ## s"] * 9
    text.write_text("\n".join(lines), encoding="utf-8")
    encoder, model = tiny_language_model(words, tokenization=kind)
    note = export.TextNote(kind, "lines")
    served = export.next_word(encoder, model)
    export.write(served, tmp_path / "model", extra=note.files(), probes=["the cat"])
    evaluation = serve.evaluate_language(serve.load(tmp_path / "model"), text)
    with PassageWriter(tmp_path / "passages") as writer:
        for line in lines:
            writer.write(line)
        stream = encode_passages(writer.finish(), encoder, tmp_path / "ids")
    live = evaluate_language_model(model, stream, continues=encoder.continues)
    assert evaluation.test == pytest.approx(live.as_dict(), rel=1e-5)


@pytest.mark.parametrize("form", [None, "lines", "running text"])
@pytest.mark.parametrize("held_out", [False, True])
def test_the_bundled_text_is_measured_by_default_only_if_it_was_learnt(
    language_model, monkeypatch, form, held_out
):
    def learnt(form):
        note = export.TextNote("words", form)
        monkeypatch.setattr(language_evaluation, "read_text_note", lambda _: note)

    learnt(form)
    with pytest.raises(InputError, match="not trained on the bundled text; name the text"):
        serve.evaluate_language(language_model, held_out=held_out)
    learnt("topics")
    assert "bundled" in serve.evaluate_language(language_model, held_out=held_out).data


def test_a_book_is_measured_without_its_wrapping(language_model, text):
    plain = serve.evaluate_language(language_model, text)
    marker = "*** START OF THIS PROJECT GUTENBERG EBOOK THE CAT ***\n"
    text.write_text(f"The cat\n{marker}" + text.read_text())
    book = serve.evaluate_language(language_model, text)
    assert book.test == plain.test
    assert book.data == f"{text}, without the header and licence of Project Gutenberg"


def test_missing_and_empty_data_are_named(language_model, tmp_path):
    with pytest.raises(InputError, match="missing.txt: there is no such file"):
        serve.evaluate_language(language_model, tmp_path / "missing.txt")
    (tmp_path / "empty.txt").write_text(" \n")
    with pytest.raises(InputError, match="nothing but white space"):
        serve.evaluate_language(language_model, tmp_path / "empty.txt")


def test_artefacts_are_told_apart(artefact, language_artefact, tmp_path):
    copy = shutil.copytree(artefact, tmp_path / "copy")
    shutil.copy(language_artefact / "assets.extra" / "artefact.json", copy / "assets.extra")
    export.write_manifest(copy)
    with pytest.raises(InputError, match="lacks the signatures score, decode, step, steps, "):
        serve.load(copy)

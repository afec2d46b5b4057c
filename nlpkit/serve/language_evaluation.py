"""The test figures of a language model, recomputed from its artefact alone."""

import dataclasses
import tempfile
from pathlib import Path

import numpy as np

from nlpkit.data.passages import Passages, PassageWriter
from nlpkit.data.sides import own_sides
from nlpkit.data.spec import parse_spec
from nlpkit.data.text_corpus import prepare_text
from nlpkit.data.text_sources import open_texts
from nlpkit.data.token_stream import TokenStream, encode_passages
from nlpkit.evaluation.next_word import NextWordFigures, most_probable, recall_positions, recalls
from nlpkit.evaluation.word_beam import word_recall
from nlpkit.export.column_note import read_column_note
from nlpkit.export.text_note import read_text_note
from nlpkit.serve.language_model import ServedLanguageModel

__all__ = ["LanguageEvaluation", "evaluate_language"]

STEPS = 64
"""Words that are read at once; memory for the answers grows with it, and so does speed."""


@dataclasses.dataclass(frozen=True)
class LanguageEvaluation:
    """How well a language model foresees a text.

    Attributes:
        data: What was evaluated on, in words.
        passages: How many.
        test: As `NextWordFigures.as_dict` gives them.
    """

    data: str
    passages: int
    test: dict[str, float]


def evaluate_language(
    model: ServedLanguageModel,
    data: str | Path | None = None,
    *,
    held_out: bool = False,
    text_column: str | None = None,
    encoding: str = "utf-8",
    data_dir: str | Path | None = None,
) -> LanguageEvaluation:
    """Reads a text with an artefact as one stream, states carried on, and measures.

    Args:
        model: The artefact, loaded.
        data: A SPEC: a file, all of it; tfds:NAME or None for the bundled topics, of which the
            test split is taken if there is one.
        held_out: Whether to take only the part of a file that training holds out for its test.
        text_column: Column with the text; None for the one learnt from, else to guess.
        encoding: Encoding of the file.
        data_dir: Where TFDS data sets lie; None for TFDS's own default.

    Returns:
        The figures, each word and each end of a passage predicted once.

    Raises:
        InputError: If the data cannot be read or hold no text; or if the model is damaged.
    """
    kind, form = read_text_note(model.directory)
    form = "running text" if form == "topics" else form
    options = {"text_column": text_column, "encoding": encoding, "data_dir": data_dir}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if held_out:
            corpus = prepare_text(data, **options, directory=folder)
            name, passages = f"{corpus.name}, held out", corpus.test
        else:
            known = read_column_note(model.directory)
            name, passages = _passages(data, form, folder, known=known, **options)
        stream = encode_passages(passages, model, folder / "ids")
        return LanguageEvaluation(name, passages.size, _figures(model, stream, kind).as_dict())


def _passages(
    data: str | Path | None, form: str | None, folder: Path, **options
) -> tuple[str, Passages]:
    """What a SPEC names, and its passages, written to a file."""
    sources = own_sides(open_texts(parse_spec(data), form=form, **options))
    source = next(sources[side] for side in ("test", "train") if side in sources)
    with PassageWriter(folder / "passages") as writer:
        for _, passage in source.passages:
            writer.write(passage)
        return source.name, writer.finish()


def _figures(model: ServedLanguageModel, stream: TokenStream, kind: str | None) -> NextWordFigures:
    """The figures on a stream of ids."""
    targets = stream.ids
    positions = recall_positions(targets)
    continues = np.array([kind == "subwords" and word.startswith("##") for word in model.words])
    found, best = [], []
    states, start = model.start(1), 0
    for inputs, outputs in stream.windows(1, STEPS):
        answers, states = model.advance(states, inputs)
        (answers,), (outputs,) = answers.numpy(), outputs.numpy()
        found.append(np.take_along_axis(answers, outputs[:, None], axis=1)[:, 0])
        end = start + len(outputs)
        here = positions[(positions >= start) & (positions < end)] - start
        best.append(most_probable(answers[here]))
        start = end
    if continues.any():
        recall = word_recall(model, targets, continues)
    else:
        recall = recalls(np.concatenate(best), targets[positions])
    return NextWordFigures.of(np.concatenate(found), targets, recall, continues=continues)

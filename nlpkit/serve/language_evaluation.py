"""The test metrics of a language model, recomputed from its artefact alone."""

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

from nlpkit.data.guesses import Tell, tell_guesses
from nlpkit.data.passages import Passages, PassageWriter
from nlpkit.data.spec import parse_spec
from nlpkit.data.splits import own_splits
from nlpkit.data.text_corpus import prepare_text
from nlpkit.data.text_sources import open_texts
from nlpkit.data.token_stream import encode_passages
from nlpkit.errors import InputError
from nlpkit.evaluation.measuring import measure
from nlpkit.export.notes import read_column_note, read_text_note
from nlpkit.serve.language_model import ServedLanguageModel

__all__ = ["LanguageEvaluation", "evaluate_language"]


@dataclasses.dataclass(frozen=True)
class LanguageEvaluation:
    """How well a language model predicts a text.

    Attributes:
        data: A description of the data.
        passages: The number of passages.
        test: The metrics of `NextWordMetrics.as_dict`.
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
    encoding: str | None = None,
    header: bool | None = None,
    data_dir: str | Path | None = None,
    tell: Tell | None = None,
) -> LanguageEvaluation:
    """Measures an artefact on a text, read as one stream with the states carried on.

    Args:
        model: The loaded artefact.
        data: A SPEC: a file, which is used whole; a folder or tfds:NAME, of which the test split is
            used if there is one; None for that of the bundled topics, if the model was trained on
            them.
        held_out: Whether to use only the part of a file that training holds out for its test.
        text_column: Column with the text; by default the one learnt from, or else a guess.
        encoding: Encoding of the files; None to find it out.
        header: Whether the first row of a file names its columns; None to find it out.
        data_dir: Folder of the TFDS data sets; None for TFDS's own default.
        tell: Takes one line that says what was guessed; None to discard it.

    Returns:
        The metrics, each word and each end of a passage predicted once.

    Raises:
        InputError: If the data cannot be read or hold no text; if `data` is None, but the model was
            trained on other data than the bundled topics; or if the model is damaged.
    """
    form = read_text_note(model.directory).form
    if data is None and form != "topics":
        raise InputError(
            f"{model.directory}: the model was not trained on the bundled text; name the text to "
            "evaluate it on with `--data`."
        )
    form = "running text" if form == "topics" else form
    options: dict[str, Any] = {
        "text_column": text_column,
        "encoding": encoding,
        "header": header,
        "data_dir": data_dir,
    }
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        known = read_column_note(model.directory)
        if held_out:
            corpus = prepare_text(data, **options, known=known, tell=tell, directory=folder)
            name, passages, left_out = f"{corpus.name}, held out", corpus.test, corpus.left_out
        else:
            name, passages, left_out = _passages(data, form, folder, tell, known=known, **options)
        stream = encode_passages(passages, model, folder / "ids")
        words = model.vocabulary
        metrics = measure(model, stream, continues=words.continues, characters=words.characters)
        name += ", without the header and licence of Project Gutenberg" if left_out else ""
        return LanguageEvaluation(name, passages.size, metrics.as_dict())


def _passages(
    data: str | Path | None, form: str | None, folder: Path, tell: Tell | None, **options
) -> tuple[str, Passages, int]:
    """A description of the data, their passages, written to a file, and how much was left out."""
    sources = own_splits(open_texts(parse_spec(data), form=form, **options))
    source = next(sources[split] for split in ("test", "train") if split in sources)
    tell_guesses([source], tell)
    with PassageWriter(folder / "passages") as writer:
        for _, passage in source.passages:
            writer.write(passage)
        return source.name, writer.finish(), source.wrapping.characters

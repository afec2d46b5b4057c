"""The model card of a language model: what a folder of its run holds, said to whoever gets it."""

import string
from collections.abc import Mapping
from typing import Any

from nlpkit.evaluation.metrics import standard_error
from nlpkit.evaluation.next_word import MOST_POSITIONS
from nlpkit.evaluation.word_beam import MOST_WORDS
from nlpkit.reports import card_parts
from nlpkit.reports.provenance import provenance

__all__ = ["language_card"]

_FIGURES = {
    "perplexity": ("perplexity", "{:,.2f}"),
    "top1": ("recall of the first suggestion", "{:.2%}"),
    "top3": ("recall of the first three suggestions", "{:.2%}"),
}
_FIGURES_OF_PIECES = {
    "perplexity": ("perplexity of tokens", "{:,.2f}"),
    "word_perplexity": ("perplexity of words", "{:,.2f}"),
    "top1": _FIGURES["top1"],
    "top3": _FIGURES["top3"],
}
_FIGURES_OF_UNSPACED = {
    "perplexity": _FIGURES_OF_PIECES["perplexity"],
    "bits_per_character": ("bits per character", "{:.3f}"),
    "top1": _FIGURES["top1"],
    "top3": _FIGURES["top3"],
}
_FIGURES_OF = {"subwords": _FIGURES_OF_PIECES, "unspaced": _FIGURES_OF_UNSPACED}

_FORMS = {
    "topics": "The help that comes with CPython: a passage is a paragraph, and a topic is in one "
    "split as a whole.",
    "lines": "A passage is a line or a field of text.",
    "running text": "The text runs on; a passage is a paragraph of it.",
    "pre-tokenised": "The text came cut into tokens, and was taken unchanged; a passage is a line.",
}
_KINDS = {
    "words": "A token is a word as it is written, or a punctuation mark.",
    "spaces": "A token is what stands between spaces.",
    "subwords": "A word is what stands between spaces; a token is a word or a piece of one.",
    "unspaced": "Words are not written apart here, so that there are no metrics of whole words; a "
    "token is a piece of text.",
}
_EXAMPLES = {
    "words": "This is the",
    "spaces": "this is the",
    "subwords": "오늘은 정말",
    "unspaced": "今天",
}

# How many words recall is measured at, at most.
_ASKED = dict.fromkeys(_KINDS, MOST_POSITIONS) | {"subwords": MOST_WORDS}
_LARGE = 10_000  # tokens in a test split from which on recall is told without an error

_CARD = string.Template("""\
# Language model

Takes a text in UTF-8 and says how it goes on: suggests words with their probabilities, scores whole
texts, continues them, and can be stepped word by word by a client that holds the state. An
embedding of $vocabulary tokens, recurrent layers ($cell) and a softmax over the same embedding
($parameters parameters), trained from scratch by nlpkit $nlpkit. Splitting the text happens
inside the model.

## Data

`$data`. $form
$kind
The vocabulary comes from the training split; the end of a passage and the unknown word `<unk>` are
two of its $vocabulary tokens. Every passage ends in a token that is counted, and predicted, too.

$provenance

$sizes

## Figures

On the test split, which took no part in training or in choosing the epoch to keep. The baseline, a
model of n-grams, learnt from $baseline_tokens of the same training split, with the same vocabulary.

$metrics

$verdict

Perplexity is exact: over the whole vocabulary, every token of the test split once. Recall is the
share of $units that were suggested, of $asked evenly spaced ones at most.
$unknown

`training.png` shows how the training went.

## Limits

* The metrics hold for texts like those of the data above: their language, their subject, their
  time and their way of writing. Elsewhere they are unknown, and probably worse.
* The model knows the training split and nothing else. What it generates has the form of these
  texts; nothing checks whether it is true.
* It may repeat passages of the training split word for word. Do not hand it to people who may not
  read that text.
* Suggestions follow the data, with all that was said there about groups of people, and all that is
  rude or wrong there. The model was not examined for harm; nothing is filtered.
* Probabilities are those of the softmax, not calibrated any further.

## Use

`saved_model/` is a TensorFlow SavedModel, artefact format version $format_version. It needs
TensorFlow and nothing else. From this folder, with nlpkit installed, and with text of your own for
`text.txt`:

```sh
nlpkit predict saved_model "$example"
nlpkit predict saved_model "$example" --generate 20
nlpkit evaluate saved_model --data text.txt
nlpkit verify saved_model
```

In plain TensorFlow, from this folder, suggestions:

```python
import tensorflow as tf

model = tf.saved_model.load("saved_model")
suggest = model.signatures["serving_default"]
texts = ["$example", ""]
answers = suggest(text=tf.constant(texts))
for text, words, shares in zip(texts, answers["words"].numpy(), answers["probabilities"].numpy()):
    print(text, [f"{word.decode()} {share:.3f}" for word, share in zip(words, shares)])
```

The same by a client that holds the state, as a keyboard does; states begin as zeros:

```python
encode, step, decode = (model.signatures[name] for name in ("encode", "step", "decode"))
states = step.structured_input_signature[1]
del states["ids"]
states = {name: tf.zeros([1, spec.shape[1]], spec.dtype) for name, spec in states.items()}
for token in encode(text=tf.constant(["$example"]))["ids"][0]:
    answer = step(ids=token[tf.newaxis], **states)
    states = {name: answer[name] for name in states}
best = tf.math.top_k(answer["log_probabilities"][0, 2:], 3)  # ids 0 and 1 are no words
print(decode(ids=best.indices + 2)["words"].numpy(), tf.exp(best.values).numpy())
```

`model.keras` is the Keras model itself, to train on; its inputs are what the signature `encode`
gives. `import keras, nlpkit`, then `keras.models.load_model("model.keras")`.

With TensorFlow Serving, from this folder:

$serving

The first form answers `{"predictions": [{"words": […], "probabilities": […]}, …]}`, an object for
each text; the second `{"outputs": {"words": […], "probabilities": […]}}`. Other signatures are
asked for by name, and take all of their inputs:

```sh
curl http://localhost:8501/v1/models/$name:predict -d '{"signature_name": "generate", "inputs":
    {"text": ["$example"], "length": 20, "temperature": 0.8, "top_k": 0, "top_p": 0.9, "seed": 1}}'
```

## Settings

`config.json` repeats the run: from this folder,
`nlpkit next-word --config config.json --out ../again`.
Files of data are looked for by their names, here and in the folders above; `--data` names another
place.

$settings

$versions
""")


def language_card(
    metrics: Mapping[str, Any],
    config: Mapping[str, Any],
    *,
    format_version: int,
    example: str | None = None,
    name: str = "next-word",
) -> str:
    """Writes the model card of a next-word run.

    Paths are shown by their last part only, so that nothing of the machine is told.

    Args:
        metrics: What metrics.json holds, as `nlpkit.reports.write_report` writes it.
        config: What config.json holds: every setting that was in force.
        format_version: Version of the artefact's format.
        example: A text to show the use with, without quotes or backslashes; None for one that
            suits the kind of tokens.
        name: What TensorFlow Serving shall call the model: letters, digits, "-" and "_".

    Returns:
        Markdown, which ends in a newline.
    """
    ours, baseline = metrics["test"], metrics["baseline"]
    kind = "unspaced" if "bits_per_character" in ours else metrics["kind"]
    example = _EXAMPLES[kind] if example is None else example
    models = {"this model": ours, **metrics.get("others", {}), baseline["name"]: baseline}
    used, given = baseline.get("tokens"), metrics["tokens"]["train"]
    return _CARD.substitute(
        vocabulary=f"{metrics['vocabulary']:,}",
        cell=metrics["cell"],
        parameters=f"{metrics['parameters']:,}",
        data=card_parts.code(card_parts.named("data", metrics["data"])),
        form=_FORMS[metrics["form"]] + _left_out(metrics.get("left_out", 0)),
        kind=_KINDS[kind],
        provenance=provenance(metrics, config),
        nlpkit=metrics["versions"]["nlpkit"],
        sizes=_sizes(metrics),
        baseline_tokens=card_parts.share_of(used, given, "tokens"),
        metrics=card_parts.metrics_table(_FIGURES_OF.get(kind, _FIGURES), models),
        verdict=_verdict(ours, baseline, kind),
        units="tokens" if kind == "unspaced" else "words",
        asked=f"{_ASKED[kind]:,}",
        unknown=_unknown(ours["out_of_vocabulary"], kind),
        format_version=format_version,
        example=example,
        serving=card_parts.serving(name=name, example=example),
        name=name,
        settings=card_parts.settings(config),
        versions=card_parts.circumstances(metrics),
    )


def _left_out(characters: int) -> str:
    """What became of the header and the licence around a book."""
    if not characters:
        return ""
    return f"\n{characters:,} characters that Project Gutenberg put around it were left out."


def _sizes(metrics: Mapping[str, Any]) -> str:
    """How much text is on each side."""
    columns = ("examples", "characters", "tokens")
    rows = [
        (split, *(f"{metrics[column][split]:,}" for column in columns))
        for split in metrics["examples"]
    ]
    return card_parts.table(("split", "passages", "characters", "tokens"), rows)


def _verdict(ours: Mapping[str, float], baseline: Mapping[str, Any], kind: str) -> str:
    """Which of the two foresees more and, where few words were asked for, how sure that is."""
    lower = round(100 * (1 - ours["perplexity"] / baseline["perplexity"]), 1)
    more = round(100 * (ours["top3"] - baseline["top3"]), 2)
    unit = "token" if kind == "unspaced" else "word"
    if lower == 0:
        sentences = ["This model and the baseline have the same perplexity."]
    elif lower > 0:
        sentences = [f"This model beats the baseline: its perplexity is {lower:.1f}% lower."]
    else:
        sentences = [f"This model loses to the baseline: its perplexity is {-lower:.1f}% higher."]
    if more == 0:
        sentences.append(f"The next {unit} is as often among the first three suggestions of both.")
    else:
        often = "more" if more > 0 else "less"
        sentences.append(
            f"The next {unit} is {often} often among its first three suggestions, "
            f"by {abs(more):.2f} percentage points."
        )
    asked = int(min(ours["tokens"], _ASKED[kind]))
    if asked < _LARGE:
        error = 100 * standard_error(ours["top3"], asked)
        sentences.append(
            f"With {asked:,} places at most to measure it, the standard error of that recall is "
            f"{error:.1f} percentage points or more."
        )
    return "\n".join(sentences)


def _unknown(share: float, kind: str) -> str:
    """What becomes of the words that the vocabulary lacks."""
    if kind == "unspaced":
        return (
            "Suggestions are plain text; `decode` marks tokens inside a stretch of text by `##`.\n"
            "Spaces and line ends count as characters.\n"
            f"Of the test split's tokens {share:.2%} are characters that the vocabulary lacks."
        )
    if kind == "subwords":
        return (
            "Words of several tokens were found by beam search, as a client can over `step`;\n"
            "`serving_default` suggests the next token, which may be a piece of a word.\n"
            "A word with a character that the vocabulary lacks counts as missed. Of the test\n"
            f"split's tokens {share:.2%} are such characters."
        )
    return (
        f"Of the test split's words {share:.2%} are not in the vocabulary: they are read as\n"
        "`<unk>`, are never suggested, and count as missed."
    )

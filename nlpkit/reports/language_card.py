"""The model card of a language model, for whoever receives the folder of its run."""

import string
from collections.abc import Mapping
from typing import Any

from nlpkit.evaluation.metrics import standard_error
from nlpkit.evaluation.next_word import MOST_POSITIONS
from nlpkit.evaluation.word_beam import MOST_WORDS
from nlpkit.reports import card_parts
from nlpkit.reports.provenance import TOPICS, provenance

__all__ = ["language_card"]

_METRICS = {
    "perplexity": ("perplexity", "{:,.2f}"),
    "top1": ("recall of the first suggestion", "{:.2%}"),
    "top3": ("recall of the first three suggestions", "{:.2%}"),
}
_METRICS_OF_PIECES = {
    "perplexity": ("perplexity of tokens", "{:,.2f}"),
    "word_perplexity": ("perplexity of words", "{:,.2f}"),
    "top1": _METRICS["top1"],
    "top3": _METRICS["top3"],
}
_METRICS_OF_UNSPACED = {
    "perplexity": _METRICS_OF_PIECES["perplexity"],
    "bits_per_character": ("bits per character", "{:.3f}"),
    "top1": _METRICS["top1"],
    "top3": _METRICS["top3"],
}
_METRICS_OF = {"subwords": _METRICS_OF_PIECES, "unspaced": _METRICS_OF_UNSPACED}

_FORMS = {
    "topics": "The help that comes with CPython: a passage is a paragraph, and each topic is in "
    "one split only.",
    "lines": "A passage is a line or a field of text.",
    "running text": "The data are running text; a passage is a paragraph.",
    "pre-tokenised": "The text was already tokenized, and used unchanged; a passage is a line.",
}
_TOKENIZATIONS = {
    "words": "A token is a word as written, or a punctuation mark.",
    "spaces": "A token is what stands between spaces.",
    "subwords": "A word is what stands between spaces; a token is a word or a piece of a word.",
    "unspaced": "The text has no spaces between words, so there are no metrics of whole words; a "
    "token is a piece of text.",
}
_EXAMPLES = {
    "words": "This is the",
    "spaces": "this is the",
    "subwords": "오늘은 정말",
    "unspaced": "今天",
}

# The most positions at which recall is measured.
_ASKED = dict.fromkeys(_TOKENIZATIONS, MOST_POSITIONS) | {"subwords": MOST_WORDS}
_LARGE = 10_000  # positions from which on recall is reported without its standard error

_CARD = string.Template("""\
# Language model

Predicts how a text in UTF-8 continues: it suggests next words with their probabilities, scores
whole texts, generates text, and can be run word by word by a client that keeps the states. It has
an embedding of $vocabulary tokens, recurrent layers ($cell) and a softmax over the same embedding
($parameters parameters), and was trained by nlpkit $nlpkit, from $start. It tokenizes the text
itself.

## Data

`$data`. $form
$tokenization
The vocabulary comes from the training split; two of its $vocabulary tokens are the end of a passage
and the unknown word `<unk>`. The end of each passage counts as a token, and is predicted too.

$provenance

$sizes

## Metrics

These are for the test split, which took no part in training or in choosing the epoch. The baseline,
an n-gram model, learnt from $baseline_tokens of the same training split, with the same vocabulary.

$metrics

$verdict

Perplexity is exact: it covers every token of the test split once, with the softmax over the whole
vocabulary. Recall is the fraction of $units that were suggested, at $asked evenly spaced positions
at most.
$unknown

`training.png` shows the training curves.

## Limits

* The metrics hold for texts like those of the data above, in language, subject, period and style.
  On other texts they are unknown, and probably worse.
* The model has seen the training split and nothing else. It generates text in the style of these
  texts; nothing checks whether the text is true.
* It may repeat passages of the training split word for word. Do not give it to anyone who may not
  read that text.
* Suggestions reflect the data, with whatever is said there about groups of people, and whatever is
  offensive or wrong there. The model was not tested for harmful output, and nothing is filtered.
* Probabilities are those of the softmax, without further calibration.

## Use

`saved_model/` is a TensorFlow SavedModel, artefact format version $format_version. It needs
TensorFlow and nothing else. From this folder, with nlpkit installed and with text of your own for
`text.txt`:

```sh
nlpkit predict saved_model "$example"
nlpkit predict saved_model "$example" --generate 20
nlpkit evaluate saved_model --data text.txt
nlpkit verify saved_model
```

Suggestions in plain TensorFlow, from this folder:

```python
import tensorflow as tf

model = tf.saved_model.load("saved_model")
suggest = model.signatures["serving_default"]
texts = ["$example", ""]
answers = suggest(text=tf.constant(texts))
for text, words, p in zip(texts, answers["words"].numpy(), answers["probabilities"].numpy()):
    print(text, [f"{word.decode()} {each:.3f}" for word, each in zip(words, p)])
```

The same for a client that keeps the states, such as a keyboard; the states start as zeros:

```python
encode, step, decode = (model.signatures[name] for name in ("encode", "step", "decode"))
states = step.structured_input_signature[1]
del states["ids"]
states = {name: tf.zeros([1, spec.shape[1]], spec.dtype) for name, spec in states.items()}
for token in encode(text=tf.constant(["$example"]))["ids"][0]:
    answer = step(ids=token[tf.newaxis], **states)
    states = {name: answer[name] for name in states}
best = tf.math.top_k(answer["log_probabilities"][0, 2:], 3)  # ids 0 and 1 are special tokens
print(decode(ids=best.indices + 2)["words"].numpy(), tf.exp(best.values).numpy())
```

`model.keras` is the Keras model itself, for further training; its inputs are the outputs of the
signature `encode`. Load it by `import keras, nlpkit` and `keras.models.load_model("model.keras")`.

With TensorFlow Serving, from this folder:

$serving

The first form returns `{"predictions": [{"words": […], "probabilities": […]}, …]}`, one object for
each text; the second `{"outputs": {"words": […], "probabilities": […]}}`. Other signatures are
requested by name, and need all of their inputs:

```sh
curl http://localhost:8501/v1/models/$name:predict -d '{"signature_name": "generate", "inputs":
    {"text": ["$example"], "length": 20, "temperature": 0.8, "top_k": 0, "top_p": 0.9, "seed": 1}}'
```

## Settings

`config.json` repeats the run: from this folder,
`nlpkit next-word --config config.json --out ../again`.
Data files are looked up by name in this folder and those above it; `--data` gives another path.

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

    Of paths only the last part is shown, to reveal no folders of the machine.

    Args:
        metrics: What metrics.json holds, as `nlpkit.reports.write_report` writes it.
        config: What config.json holds: every setting that was in force.
        format_version: Version of the artefact's format.
        example: A text to show the use with, without quotes or backslashes; None for one that
            suits the tokenization.
        name: The name of the model in TensorFlow Serving: letters, digits, "-" and "_".

    Returns:
        Markdown, which ends in a newline.
    """
    ours, baseline = metrics["test"], metrics["baseline"]
    tokenization = "unspaced" if "bits_per_character" in ours else metrics["kind"]
    example = _EXAMPLES[tokenization] if example is None else example
    models = {"this model": ours, **metrics.get("others", {}), baseline["name"]: baseline}
    used, given = baseline.get("tokens"), metrics["tokens"]["train"]
    return _CARD.substitute(
        vocabulary=f"{metrics['vocabulary']:,}",
        cell=metrics["cell"],
        parameters=f"{metrics['parameters']:,}",
        data=card_parts.code(card_parts.named("data", metrics["data"])),
        form=_FORMS[metrics["form"]] + _left_out(metrics.get("left_out", 0)),
        tokenization=_TOKENIZATIONS[tokenization],
        provenance=provenance(metrics, config, TOPICS),
        nlpkit=metrics["versions"]["nlpkit"],
        start=card_parts.start(config),
        sizes=_sizes(metrics),
        baseline_tokens=card_parts.amount_used(used, given, "tokens"),
        metrics=card_parts.metrics_table(_METRICS_OF.get(tokenization, _METRICS), models),
        verdict=_verdict(ours, baseline, tokenization),
        units="tokens" if tokenization == "unspaced" else "words",
        asked=f"{_ASKED[tokenization]:,}",
        unknown=_unknown(ours["out_of_vocabulary"], tokenization),
        format_version=format_version,
        example=example,
        serving=card_parts.serving(name=name, example=example),
        name=name,
        settings=card_parts.settings(config),
        versions=card_parts.circumstances(metrics),
    )


def _left_out(characters: int) -> str:
    """A note on the header and licence of a book, which are left out."""
    if not characters:
        return ""
    return (
        f"\nThe header and licence of Project Gutenberg, {characters:,} characters, were left out."
    )


def _sizes(metrics: Mapping[str, Any]) -> str:
    """The amount of text in each split."""
    columns = ("examples", "characters", "tokens")
    rows = [
        (split, *(f"{metrics[column][split]:,}" for column in columns))
        for split in metrics["examples"]
    ]
    return card_parts.table(("split", "passages", "characters", "tokens"), rows)


def _verdict(ours: Mapping[str, float], baseline: Mapping[str, Any], tokenization: str) -> str:
    """Which of the two predicts better and, if recall was measured at few positions, its error."""
    lower = round(100 * (1 - ours["perplexity"] / baseline["perplexity"]), 1)
    more = round(100 * (ours["top3"] - baseline["top3"]), 2)
    unit = "token" if tokenization == "unspaced" else "word"
    if lower == 0:
        sentences = ["This model and the baseline have the same perplexity."]
    elif lower > 0:
        sentences = [f"This model beats the baseline: its perplexity is {lower:.1f}% lower."]
    else:
        sentences = [f"This model loses to the baseline: its perplexity is {-lower:.1f}% higher."]
    if more == 0:
        sentences.append(
            f"The next {unit} is among the first three suggestions of both equally often."
        )
    else:
        often = "more" if more > 0 else "less"
        sentences.append(
            f"The next {unit} is {often} often among its first three suggestions, "
            f"by {abs(more):.2f} percentage points."
        )
    asked = int(min(ours["tokens"], _ASKED[tokenization]))
    if asked < _LARGE:
        error = 100 * standard_error(ours["top3"], asked)
        sentences.append(
            f"Measured at {asked:,} positions at most, that recall has a standard error of at "
            f"least {error:.1f} percentage points."
        )
    return "\n".join(sentences)


def _unknown(fraction: float, tokenization: str) -> str:
    """How the model and its metrics treat words that the vocabulary lacks."""
    if tokenization == "unspaced":
        return (
            "Suggestions are plain text; `decode` marks tokens inside a run of text with `##`.\n"
            "Spaces and line ends count as characters.\n"
            f"Of the test split's tokens {fraction:.2%} are characters that the vocabulary lacks."
        )
    if tokenization == "subwords":
        return (
            "Words of several tokens were found by beam search, as a client can do with `step`;\n"
            "`serving_default` suggests the next token, which may be a piece of a word.\n"
            "A word with a character that the vocabulary lacks counts as missed. Of the test\n"
            f"split's tokens {fraction:.2%} are such characters."
        )
    return (
        f"Of the test split's words {fraction:.2%} are not in the vocabulary: they are read as\n"
        "`<unk>`, are never suggested, and count as missed."
    )

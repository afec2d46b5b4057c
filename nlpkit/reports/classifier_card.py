"""The model card of a classifier, for whoever receives the folder of its run."""

import math
import string
from collections.abc import Mapping
from typing import Any

from nlpkit.evaluation.calibration import HIGHEST, LOWEST
from nlpkit.reports import card_parts
from nlpkit.reports.provenance import REVIEWS, provenance
from nlpkit.reports.verdict import verdict

__all__ = ["classifier_card"]

_METRICS = {
    "accuracy": ("accuracy", "{:.2%}"),
    "macro_f1": ("macro F1", "{:.4f}"),
    "log_loss": ("log loss (nats)", "{:.4f}"),
    "ece": ("expected calibration error (15 bins)", "{:.4f}"),
}

_OF_A_CLASS = {"precision": "{:.4f}", "recall": "{:.4f}", "f1": "{:.4f}", "support": "{:,}"}

_AT_BOUND = 1e-3  # the search for a temperature comes this close to a bound, but never reaches it

_CARD = string.Template("""\
# Sentiment classifier

Classifies a text in UTF-8: it reads the first $max_length tokens (words and punctuation marks; the
rest of a longer text is ignored) and returns a label, its probability, and the probability of every
label. The model has an embedding of words and their character n-grams, a recurrent layer ($cell),
pooling over time and a dense layer$linear. It has $parameters parameters,
was trained by nlpkit $nlpkit from $start, and tokenizes the text itself.

## Data

`$data`. Classes: $class_list.

$provenance

$examples

## Metrics

These are for the test split, which took no part in training, early stopping or calibration. The
baseline, logistic regression on n-grams of $baseline_features weighted by TF-IDF, was chosen on the
validation split and learnt from $baseline_examples of the training and validation texts.
$parts$overlap

$metrics

$verdict

For each class, with the number of its test texts as support:

$per_class

`confusion_matrix.png` shows which classes are confused with each other, `reliability.png` how well
the probabilities are calibrated, and `training.png` the training curves.

## Limits

* The metrics hold for texts like those of the data above, in language, subject, period and style.
  On other texts they are unknown, and probably lower.
* The labels were used as given. Labels derived from ratings are sometimes wrong, which limits the
  accuracy that any model can reach.
* Every text gets one of the labels, even if it is empty, in another language, or expresses no
  opinion.
* Probabilities were calibrated with a single temperature on the validation split$temperature,
  and the calibration error above was measured on the test split. Neither says anything about other
  kinds of text, and both say little about small subgroups of these.
* The classifier was not tested for bias against groups of people. Do not use it to make decisions
  about people.

## Use

`saved_model/` is a TensorFlow SavedModel, artefact format version $format_version. It needs
TensorFlow and nothing else. From this folder, with nlpkit installed and with labelled reviews of
your own for `reviews.tsv`:

```sh
nlpkit predict saved_model "$example"
nlpkit evaluate saved_model --data reviews.tsv
nlpkit verify saved_model
```

In plain TensorFlow, from this folder:

```python
import tensorflow as tf

model = tf.saved_model.load("saved_model")
predict = model.signatures["serving_default"]
texts = ["$example", ""]
answers = predict(text=tf.constant(texts))
labels, scores = answers["label"].numpy(), answers["score"].numpy()
for text, label, score in zip(texts, labels, scores):
    print(f"{label.decode()} {score:.3f} {text}")
```

`model.keras` is the Keras model itself, for further training; its inputs are the outputs of the
signature `encode`. Load it by `import keras, nlpkit` and `keras.models.load_model("model.keras")`.

With TensorFlow Serving, from this folder:

$serving

The first form returns `{"predictions": [{"label": …, "score": …, "probabilities": […]}, …]}`, one
object for each text; the second `{"outputs": {"label": […], "score": […], "probabilities": […]}}`.
Probabilities are in the order $order.

## Settings

`config.json` repeats the run: from this folder,
`nlpkit sentiment --config config.json --out ../again`.
Data files are looked up by name in this folder and those above it; `--data` gives another path.

$settings

$versions
""")


def classifier_card(
    metrics: Mapping[str, Any],
    config: Mapping[str, Any],
    *,
    format_version: int,
    class_counts: Mapping[str, Mapping[str, int]],
    overlap: int,
    temperature: float | None = None,
    example: str = "well worth it",
    name: str = "sentiment",
) -> str:
    """Writes the model card of a sentiment run.

    Of paths only the last part is shown, to reveal no folders of the machine.

    Args:
        metrics: What metrics.json holds. `baseline` may hold any of the four metrics, and has
            `features`.
        config: What config.json holds: every setting that was in force, `max_length` among them.
        format_version: Version of the artefact's format.
        class_counts: For each split ("train", "validation", "test") the examples of each class,
            by the class's name; a split may be missing.
        overlap: Test examples whose text occurs in the training split.
        temperature: The calibration's temperature; with None the card does not mention it.
        example: A short text to show the use with, without quotes or backslashes.
        name: The name of the model in TensorFlow Serving: letters, digits, "-" and "_".

    Returns:
        Markdown, which ends in a newline.
    """
    baseline, sizes = metrics["baseline"], metrics["examples"]
    return _CARD.substitute(
        max_length=f"{config['max_length']:,}",
        cell=metrics["cell"],
        linear=_linear(metrics.get("linear_fraction", 0.0)),
        parameters=f"{metrics['parameters']:,}",
        data=card_parts.code(card_parts.named("data", metrics["data"])),
        class_list=", ".join(map(card_parts.cell, metrics["classes"])),
        provenance=provenance(metrics, config, REVIEWS),
        nlpkit=metrics["versions"]["nlpkit"],
        start=card_parts.start(config),
        examples=_examples(sizes, metrics["classes"], class_counts),
        baseline_features=baseline["features"],
        parts=_PARTS if "parts" in metrics else "",
        baseline_examples=card_parts.amount_used(
            baseline.get("examples"), sizes["train"] + sizes.get("validation", 0), "examples"
        ),
        overlap=f"Of the {sizes['test']:,} test texts {overlap:,} occur in the training split too.",
        metrics=card_parts.metrics_table(
            _METRICS,
            {
                "this model": metrics["test"],
                **metrics.get("parts", {}),
                baseline["name"]: baseline,
                "majority class": metrics["majority_class"],
            },
        ),
        verdict="\n".join(verdict(metrics)),
        per_class=_per_class(metrics["per_class"]),
        temperature="" if temperature is None else f" ({_temperature(temperature)})",
        format_version=format_version,
        example=example,
        serving=card_parts.serving(name=name, example=example),
        order=", ".join(map(card_parts.cell, metrics["classes"])),
        settings=card_parts.settings(config),
        versions=card_parts.circumstances(metrics),
    )


_PARTS = """The columns "alone" are for the recurrent network and for the linear model of n-grams,
which learnt from the validation texts too.
"""


def _linear(fraction: float) -> str:
    """The linear part, if there is one."""
    if not fraction:
        return ""
    return (
        "; a linear model of the same n-grams and of pairs and triples of words\n"
        f"makes up {fraction:.0%} of the logits, which the validation split decided; then it\n"
        "learnt from that split too"
    )


def _examples(
    sizes: Mapping[str, int], classes: list[str], counts: Mapping[str, Mapping[str, int]]
) -> str:
    """The sizes of the splits, and the fraction of each class in them."""
    rows = []
    for split, size in sizes.items():
        known = counts.get(split)
        fractions = [
            f"{known.get(name, 0) / max(size, 1):.1%}" if known else "–" for name in classes
        ]
        rows.append((split, f"{size:,}", *fractions))
    return card_parts.table(("split", "examples", *map(card_parts.cell, classes)), rows)


def _per_class(metrics: Mapping[str, Mapping[str, float]]) -> str:
    """Precision, recall, F1 and support of each class."""
    rows = [
        (card_parts.cell(name), *(form.format(values[key]) for key, form in _OF_A_CLASS.items()))
        for name, values in metrics.items()
    ]
    return card_parts.table(("class", "precision", "recall", "F1", "support"), rows)


def _temperature(value: float) -> str:
    """The temperature, with a note if the search for it ended at a bound."""
    words = f"T = {value:.3f}"
    if math.isclose(value, LOWEST, rel_tol=_AT_BOUND):
        return f"{words}, the lower bound of the search: probabilities may still be too low"
    if math.isclose(value, HIGHEST, rel_tol=_AT_BOUND):
        return f"{words}, the upper bound of the search: probabilities may still be too high"
    return words

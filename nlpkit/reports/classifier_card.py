"""The model card of a classifier, for whoever receives the folder of its run."""

import math
import string
from collections.abc import Mapping
from typing import Any

from nlpkit.evaluation.calibration import HIGHEST, LOWEST
from nlpkit.reports import card_parts
from nlpkit.reports.provenance import provenance
from nlpkit.reports.verdict import verdict

__all__ = ["classifier_card"]

_FIGURES = {
    "accuracy": ("accuracy", "{:.2%}"),
    "macro_f1": ("macro F1", "{:.4f}"),
    "log_loss": ("log loss (nats)", "{:.4f}"),
    "ece": ("expected calibration error (15 bins)", "{:.4f}"),
}

_OF_A_CLASS = {"precision": "{:.4f}", "recall": "{:.4f}", "f1": "{:.4f}", "support": "{:,}"}

_AT_BOUND = 1e-3  # the search for a temperature comes this near a bound, never quite to it

_CARD = string.Template("""\
# Sentiment classifier

Takes a text in UTF-8, reads its first $max_length tokens (words and signs; the rest of a longer
text does not count), and gives a label, its probability, and the probability of every label. An
embedding of words and of the character n-grams in them, a recurrent layer
($cell, $parameters parameters), pooling over time and a dense layer, trained from scratch by
nlpkit $nlpkit. Splitting the text happens inside the model.

## Data

`$data`. Classes: $class_list.

$provenance

$examples

## Figures

On the test split, which took no part in training, early stopping or calibration. The baseline,
n-grams of $baseline_features weighted by TF-IDF and logistic regression, was chosen on the
validation split and learnt from $baseline_examples of the training and validation texts. $overlap

$metrics

$verdict

Of each class, with the number of its test texts as support:

$per_class

`confusion_matrix.png` shows which classes are confused with each other, `reliability.png` how well
the probabilities are calibrated, `training.png` how the training went.

## Limits

* The metrics hold for texts like those of the data above: their language, their subject, their
  time and their way of writing. Elsewhere they are unknown, and probably lower.
* The labels were used as given. Where they were derived from ratings, some are wrong, which limits
  the accuracy that any model can reach or show.
* Every text gets one of the labels, even one that is empty, in another language or without an
  opinion.
* Probabilities were calibrated by one temperature on the validation split$temperature,
  and the calibration error above was measured on the test split. Both say nothing about texts of
  another kind, and little about small groups within these.
* The classifier was not examined for bias towards groups of people. Do not decide about people
  by it.

## Use

`saved_model/` is a TensorFlow SavedModel, artefact format version $format_version. It needs
TensorFlow and nothing else. From this folder, with nlpkit installed, and with labelled reviews of
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

`model.keras` is the Keras model itself, to train on; its inputs are what the signature `encode`
gives. `import keras, nlpkit`, then `keras.models.load_model("model.keras")`.

With TensorFlow Serving, from this folder:

$serving

The first form answers `{"predictions": [{"label": …, "score": …, "probabilities": […]}, …]}`, an
object for each text; the second `{"outputs": {"label": […], "score": […], "probabilities": […]}}`.
Probabilities are in the order $order.

## Settings

`config.json` repeats the run: from this folder,
`nlpkit sentiment --config config.json --out ../again`.
Files of data are looked for by their names, here and in the folders above; `--data` names another
place.

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

    Paths are shown by their last part only, so that nothing of the machine is told.

    Args:
        metrics: What metrics.json holds. `baseline` may hold any of the four metrics, and has
            `features`.
        config: What config.json holds: every setting that was in force, `max_length` among them.
        format_version: Version of the artefact's format.
        class_counts: For each split ("train", "validation", "test") the examples of each class,
            by the class's name; a split may be missing.
        overlap: Test examples whose text occurs in the training split.
        temperature: The calibration's temperature; None does not mention it.
        example: A short text to show the use with, without quotes or backslashes.
        name: What TensorFlow Serving shall call the model: letters, digits, "-" and "_".

    Returns:
        Markdown, which ends in a newline.
    """
    baseline, sizes = metrics["baseline"], metrics["examples"]
    return _CARD.substitute(
        max_length=f"{config['max_length']:,}",
        cell=metrics["cell"],
        parameters=f"{metrics['parameters']:,}",
        data=card_parts.code(card_parts.named("data", metrics["data"])),
        class_list=", ".join(map(card_parts.cell, metrics["classes"])),
        provenance=provenance(metrics, config),
        nlpkit=metrics["versions"]["nlpkit"],
        examples=_examples(sizes, metrics["classes"], class_counts),
        baseline_features=baseline["features"],
        baseline_examples=card_parts.share_of(
            baseline.get("examples"), sizes["train"] + sizes.get("validation", 0), "examples"
        ),
        overlap=f"Of the {sizes['test']:,} test texts {overlap:,} occur in the training split too.",
        metrics=card_parts.metrics_table(
            _FIGURES,
            {
                "this model": metrics["test"],
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


def _examples(
    sizes: Mapping[str, int], classes: list[str], counts: Mapping[str, Mapping[str, int]]
) -> str:
    """The sizes of the splits, and the share of each class in them."""
    rows = []
    for split, size in sizes.items():
        known = counts.get(split)
        shares = [f"{known.get(name, 0) / max(size, 1):.1%}" if known else "–" for name in classes]
        rows.append((split, f"{size:,}", *shares))
    return card_parts.table(("split", "examples", *map(card_parts.cell, classes)), rows)


def _per_class(metrics: Mapping[str, Mapping[str, float]]) -> str:
    """Precision, recall, F1 and support of each class."""
    rows = [
        (card_parts.cell(name), *(form.format(found[key]) for key, form in _OF_A_CLASS.items()))
        for name, found in metrics.items()
    ]
    return card_parts.table(("class", "precision", "recall", "F1", "support"), rows)


def _temperature(value: float) -> str:
    """The temperature, and whether the search for it ended at a bound."""
    words = f"T = {value:.3f}"
    if math.isclose(value, LOWEST, rel_tol=_AT_BOUND):
        return f"{words}, the lowest that is tried: probabilities may still be too low"
    if math.isclose(value, HIGHEST, rel_tol=_AT_BOUND):
        return f"{words}, the highest that is tried: probabilities may still be too high"
    return words

"""Which feature of a TFDS data set holds the text and which the label."""

from typing import TypeAlias

import tensorflow as tf
import tensorflow_datasets as tfds

from nlpkit.data.columns import (
    UNKNOWN,
    Columns,
    choose_columns,
    choose_text_column,
    remembered,
)

__all__ = ["choose_features", "choose_text_feature", "label_names"]

_Builder: TypeAlias = tfds.core.DatasetBuilder


def choose_features(
    builder: _Builder,
    *,
    name: str,
    text_column: str | None,
    label_column: str | None,
    known: Columns = UNKNOWN,
    by_name: bool = False,
) -> tuple[str, str]:
    """Chooses the text and the label feature: by name, by type, or by a usual name.

    The only feature that is text is the text, the only `ClassLabel` is the label.

    Args:
        builder: A prepared builder.
        name: What errors call the data set.
        text_column: The text feature as the user named it; None to guess.
        label_column: The label feature as the user named it; None to guess.
        known: The columns that were learnt from; features of these names are taken.
        by_name: Whether a feature is the label by its type or name alone.

    Returns:
        `(text feature, label feature)`.

    Raises:
        InputError: If a feature is missing or ambiguous.
    """
    scalars, texts = _features(builder)
    classes = [
        key for key, feature in scalars.items() if isinstance(feature, tfds.features.ClassLabel)
    ]
    text_column = remembered(tuple(scalars), text_column, known.text)
    label_column = remembered(tuple(scalars), label_column, known.label)
    if text_column is None and len(texts) == 1 and texts[0] != label_column:
        text_column = texts[0]
    if label_column is None and len(classes) == 1 and classes[0] != text_column:
        label_column = classes[0]
    return choose_columns(
        tuple(scalars),
        name=name,
        text_column=text_column,
        label_column=label_column,
        by_name=by_name,
    )


def choose_text_feature(
    builder: _Builder, *, name: str, text_column: str | None, known: Columns = UNKNOWN
) -> str:
    """Chooses the text feature alone: by name, by type, or by a usual name.

    Args:
        builder: A prepared builder.
        name: What errors call the data set.
        text_column: The text feature as the user named it; None to guess.
        known: The columns that were learnt from; a feature of that name is taken.

    Returns:
        The text feature.

    Raises:
        InputError: If the feature is missing or ambiguous.
    """
    scalars, texts = _features(builder)
    text_column = remembered(tuple(texts), text_column, known.text)
    columns = tuple(scalars) if text_column is not None else tuple(texts)
    return choose_text_column(columns, name=name, text_column=text_column)


def label_names(builder: _Builder, label: str) -> dict[str, str]:
    """The names that the data set gives its labels.

    Args:
        builder: A prepared builder.
        label: The label feature.

    Returns:
        Names by the label as `read_examples` yields it; none if the labels are no classes.
    """
    feature = builder.info.features[label]
    if not isinstance(feature, tfds.features.ClassLabel):
        return {}
    return {str(index): name for index, name in enumerate(feature.names)}


def _features(builder: _Builder) -> tuple[dict[str, tfds.features.FeatureConnector], list[str]]:
    """The features that are single values, and the names of those that are text."""
    features = builder.info.features
    scalars = {
        key: feature
        for key, feature in (features.items() if hasattr(features, "items") else ())
        if getattr(feature, "shape", None) == ()
    }
    return scalars, [key for key, feature in scalars.items() if feature.tf_dtype == tf.string]

"""Several models of one input, as one."""

from collections.abc import Mapping

import keras

from nlpkit.errors import InputError

__all__ = ["side_by_side"]


def side_by_side(models: Mapping[str, keras.Model]) -> keras.Model:
    """Puts models side by side, so that one pass gives the outputs of all.

    What the models have in common, such as a network that is a part of several, is computed once.

    Args:
        models: Models of the same input tensor, by name; at least one. Layers that they do not
            share must differ in name.

    Returns:
        A model from the input to the outputs by name.

    Raises:
        InputError: If there is no model.

    Example:
        >>> import numpy as np
        >>> from nlpkit.models import calibrated, classifier
        >>> model = classifier(vocabulary=50, classes=2, pieces=2, units=4)
        >>> both = side_by_side({"logits": model, "probabilities": calibrated(model, 1.5)})
        >>> {name: tuple(output.shape) for name, output in both(np.ones([1, 3, 2])).items()}
        {'logits': (1, 2), 'probabilities': (1, 2)}
    """
    if not models:
        raise InputError("`models` must hold at least one model, got none.")
    first = next(iter(models.values()))
    return keras.Model(first.input, {name: model.output for name, model in models.items()})

"""A Keras model with its recurrent layers replaced: ours for Keras's, and back.

Sequential and functional models are cloned, layer by layer. Any other layer is serialised, the
recurrent layers in its configuration are exchanged, and Keras makes it again: so what wraps a
recurrent layer needs no code here, and what has none in it stays what it is.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras

from nlpkit.errors import InputError
from nlpkit.layers.migration.compilation import compile_as, own_objects, uncompiled
from nlpkit.layers.migration.holders import exchange
from nlpkit.layers.migration.inputs import first_words
from nlpkit.layers.migration.twins import as_keras, as_ours, ours, theirs
from nlpkit.layers.migration.values import copy_trainable, copy_values
from nlpkit.layers.tracing import check_model

__all__ = ["from_keras", "to_keras"]


def from_keras(model: keras.layers.Layer) -> keras.layers.Layer:
    """A copy of a Keras model that runs on our recurrent layers.

    Each `keras.layers.LSTM`, `GRU` and `SimpleRNN`, and each of their cells, becomes the layer of
    that name of `nlpkit.layers`, wherever it is: in a `Sequential` or functional model, a model
    within it, `Bidirectional`, `TimeDistributed`, `RNN` or `StackedRNNCells`, or an attribute of a
    layer or model of your own that Keras can make again from its `get_config`. Subclasses of
    Keras's layers, cells of your own, Keras's cells that a constructor of your own makes, and all
    other layers stay what they are.

    Names, weights, dtypes, what is frozen, states of stateful layers and of random generators, and
    what a layer saves in its own way, as a vocabulary, are those of the model; a layer that several
    calls share stays shared. A compiled model gives a compiled one with the same losses and
    functions; its metrics and its optimizer start afresh.

    Args:
        model: A built model, or a single built layer.

    Returns:
        A new one of the same class, or of our class for a recurrent layer.

    Raises:
        InputError: If `model` is neither, is not built, cannot be made again from its
            configuration, or is compiled with what cannot.

    Example:
        >>> import numpy as np
        >>> model = keras.Sequential([keras.Input((5, 3)), keras.layers.LSTM(4, name="reader")])
        >>> copy = from_keras(model)
        >>> type(copy.get_layer("reader")).__module__
        'nlpkit.layers.lstm'
        >>> x = np.ones((2, 5, 3), "float32")
        >>> bool(np.max(np.abs(copy(x) - model(x))) < 2e-6)
        True
    """
    return _converted(model, as_ours, ours())


def to_keras(model: keras.layers.Layer) -> keras.layers.Layer:
    """A copy of a model that runs on Keras's recurrent layers: the way back of `from_keras`.

    Args:
        model: A built model, or a single built layer.

    Returns:
        A new one, without a layer of the family.

    Raises:
        InputError: As `from_keras`; and if a layer, or an argument that is in use, is one that
            Keras does not have.

    Example:
        >>> from nlpkit.layers import GRU
        >>> layer = GRU(4)
        >>> layer.build((None, 5, 3))
        >>> type(to_keras(layer)) is keras.layers.GRU
        True
    """
    return _converted(model, as_keras, theirs())


def _converted(model, rewrite: Callable, twins: Mapping[type, type]):
    """A copy of a model with the nodes of its layers' serialised forms rewritten."""
    check_model(model)
    if not model.built:
        raise InputError(
            f"`model` must be built, got {model.name!r}: call it once, or its `build`."
        )
    try:
        with uncompiled(model), keras.saving.custom_object_scope(own_objects(model)):
            copy = _Copies(rewrite, twins).of(model)
    except InputError:
        raise
    except (NotImplementedError, TypeError, ValueError) as error:
        raise InputError(
            "`model` must be one that Keras can make again from its configuration, got "
            f"{model.name!r}, of which Keras says: {first_words(error)}"
        ) from error
    if len(copy.weights) != len(model.weights):
        raise InputError(
            f"`model` must not share a layer with the inside of a layer of its own, got "
            f"{model.name!r}: it has {len(model.weights)} weights, and made again "
            f"{len(copy.weights)}."
        )
    copy_trainable(model, copy)
    compile_as(model, copy)
    return copy


class _Copies:
    """The copies of layers, one for each, so that a shared one stays shared.

    Args:
        rewrite: From a serialised layer to another, or to itself.
        twins: Classes that are to be replaced, and by what.
    """

    def __init__(self, rewrite, twins):
        self._rewrite, self._twins = rewrite, twins
        self._made = {}

    def of(self, layer):
        """The copy of a layer, a model, or an operation of a functional model."""
        if id(layer) not in self._made:
            if not isinstance(layer, keras.layers.Layer):
                copy = type(layer).from_config(layer.get_config())
            elif isinstance(layer, keras.Model) and type(layer).__module__.startswith("keras."):
                copy = self._of_model(layer)
            else:
                copy = self._by_configuration(layer)
            # The layer is kept, so that nothing else gets its id.
            self._made[id(layer)] = layer, copy
        return self._made[id(layer)][1]

    def _of_model(self, model):
        """The copy of a sequential or functional model."""
        inputs = None
        if hasattr(model, "operations"):
            inputs = keras.tree.map_structure(_same_input, model.input)
        copy = keras.models.clone_model(model, inputs, clone_function=self.of)
        if not copy.built and model.built:
            copy.build_from_config(model.get_build_config())
        return copy

    def _by_configuration(self, layer):
        """The copy of any other layer."""
        node = _rewritten(keras.saving.serialize_keras_object(layer), self._rewrite)
        copy = keras.saving.deserialize_keras_object(node, safe_mode=False)
        shapes = [[tuple(weight.shape) for weight in each.weights] for each in (layer, copy)]
        if shapes[0] != shapes[1]:
            raise InputError(
                f"layer {layer.name!r} must have the weights {shapes[0]} when Keras makes it again "
                f"from its configuration, got {shapes[1]}: its `build` must make them all."
            )
        copy_values(layer, copy)
        self._exchange_attributes(copy)
        return copy

    def _exchange_attributes(self, made):
        """Replaces the layers that a layer or model of the user's own makes in its constructor."""
        for owner in made._flatten_layers():
            # A subclass of a recurrent layer has its cell for itself.
            inner = [] if isinstance(owner, keras.layers.RNN) else list(owner._layers)
            for layer in inner:
                if type(layer) in self._twins and isinstance(layer, keras.layers.RNN):
                    exchange(owner, layer, self.of(layer))


def _same_input(tensor):
    """A new input of a functional model with the name of the old, which a clone would lose."""
    layer = tensor._keras_history.operation
    options = {"sparse": tensor.sparse, "optional": layer.optional}
    return keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype, name=layer.name, **options)


def _rewritten(value: Any, rewrite: Callable) -> Any:
    """A serialised object with each node in it rewritten, innermost first."""
    if isinstance(value, list | tuple):
        return type(value)(_rewritten(each, rewrite) for each in value)
    if not isinstance(value, dict):
        return value
    # `compile_as` compiles; a `get_compile_config` of the user's own writes it all the same.
    value = {k: _rewritten(v, rewrite) for k, v in value.items() if k != "compile_config"}
    return rewrite(value) if {"class_name", "config"} <= value.keys() else value

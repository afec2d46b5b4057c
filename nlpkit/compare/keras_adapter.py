"""A Keras layer, ours or Keras's own, as the calls that are timed, on TensorFlow."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import tensorflow as tf
from tensorflow.core.framework.graph_pb2 import GraphDef
from tensorflow.core.framework.node_def_pb2 import NodeDef

from nlpkit.compare.workload import Workload

__all__ = ["KerasAdapter", "traits"]

_OPS = {
    "CudnnRNNV3": "cuDNN",
    "DeviceIndex": "a branch by device",
    "BlockLSTMV2": "BlockLSTM",
    "While": "a while loop",
    "StatelessWhile": "a while loop",
}
_XLA = "_XlaMustCompile"


class KerasAdapter:
    """An `Adapter` of a Keras layer; its calls wait for the device.

    Args:
        make: Makes the layer from `units` and Keras's arguments.
        workload: The cell and the arrays.
    """

    def __init__(self, make: Callable[..., keras.layers.RNN], workload: Workload) -> None:
        self._make, self._workload = make, workload
        self._descriptions: dict[str, Callable[[], str]] = {}

    @property
    def says(self) -> str:
        return getattr(self._make(self._workload.shape.units), "runs_on", "")

    @property
    def ran(self) -> dict[str, str]:
        return {operation: describe() for operation, describe in self._descriptions.items()}

    def forward(self, *, masked: bool) -> Callable[[], Any]:
        layer, mask = self._layer(return_sequences=True), self._mask(masked)
        call = tf.function(lambda x: layer(x, mask=mask, training=False))
        return self._timed("forward", call, tf.constant(self._workload.inputs))

    def training(self, *, masked: bool) -> Callable[[], Any]:
        layer, mask = self._layer(return_sequences=True), self._mask(masked)
        weights = [weight.value for weight in layer.trainable_variables]
        cotangent = tf.constant(self._workload.cotangent)

        @tf.function
        def call(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                outputs = layer(x, mask=mask, training=True)
            return tape.gradient(outputs, [x, *weights], output_gradients=cotangent)

        return self._timed("training", call, tf.constant(self._workload.inputs))

    def fit(self, *, masked: bool) -> Callable[[], Any]:
        """A Sequential model with a Dense(1); padded steps are zeros, and masked by Masking."""
        workload, inputs = self._workload, self._workload.inputs
        masking = [keras.layers.Masking()] if masked else []
        layer = self._make(workload.shape.units)
        model = keras.Sequential(
            [keras.Input(inputs.shape[1:]), *masking, layer, keras.layers.Dense(1)]
        )
        model.compile("adam", "mse")
        layer.set_weights(workload.weights)
        batch = inputs * workload.mask[..., None] if masked else inputs
        self._descriptions["fit"] = lambda: f"jit_compile={model.jit_compile}"
        return lambda: model.train_on_batch(batch, workload.target)

    def decode(self) -> Callable[[], Any]:
        layer = self._layer(return_state=True)
        states = list(map(tf.constant, self._workload.states))
        call = tf.function(lambda x, *s: layer(x, initial_state=list(s), training=False))
        return self._timed("decode", call, tf.constant(self._workload.inputs[:, :1]), *states)

    def _layer(self, **options: bool) -> keras.layers.RNN:
        """A layer with the workload's weights."""
        layer = self._make(self._workload.shape.units, **options)
        layer.build(self._workload.inputs.shape)
        layer.set_weights(self._workload.weights)
        return layer

    def _mask(self, masked: bool) -> tf.Tensor | None:
        """The mask, or none."""
        return tf.constant(self._workload.mask) if masked else None

    def _timed(self, operation: str, call: Any, *arguments: tf.Tensor) -> Callable[[], Any]:
        """The traced call with its arguments, waiting for the device."""

        def timed():
            result = call(*arguments)
            tf.test.experimental.sync_devices()
            return result

        def describe():
            return traits(call.get_concrete_function(*arguments).graph.as_graph_def())

        self._descriptions[operation] = describe
        return timed


def traits(graph: GraphDef) -> str:
    """Describes what makes a graph fast or slow, including branches for other devices.

    Args:
        graph: The graph of a traced function.

    Returns:
        The traits, such as "a while loop, XLA", and the number of operations.

    Example:
        >>> import tensorflow as tf
        >>> square = tf.function(lambda x: x * x, jit_compile=True)
        >>> outer = tf.function(lambda x: square(x)).get_concrete_function(tf.constant(1.0))
        >>> traits(outer.graph.as_graph_def())
        'XLA; 5 operations'
    """
    nodes = list(_nodes(graph))
    kinds = {_OPS[node.op] for node in nodes if node.op in _OPS}
    compiled = any(_compiled(item) for item in [*nodes, *graph.library.function])
    names = ", ".join([*sorted(kinds), *(["XLA"] if compiled else [])]) or "plain operations"
    return f"{names}; {len(nodes)} operations"


def _nodes(graph: GraphDef) -> Iterator[NodeDef]:
    """The nodes of the graph and of its functions."""
    yield from graph.node
    for function in graph.library.function:
        yield from function.node_def


def _compiled(item) -> bool:
    """Whether a node or a function must go through XLA."""
    return _XLA in item.attr and item.attr[_XLA].b

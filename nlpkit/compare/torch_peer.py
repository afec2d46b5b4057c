"""torch.nn.LSTM under the stopwatch; for where torch happens to be installed.

Only whole batches: torch takes padded ones as packed sequences, sorted and packed outside the
layer, with packed outputs, which is another task.
"""

from collections.abc import Callable
from typing import Any

from nlpkit.compare.task import Task

__all__ = ["TorchPeer"]


class TorchPeer:
    """Builds the calls to be timed, like `KerasPeer`, on torch's CPU.

    Denormals are flushed to zero, as TensorFlow does: gradients that vanish would cost ten times
    the time otherwise. The second of torch's two biases is zero.

    Args:
        task: What it shall work on.
    """

    says = ""  # torch's layer cannot say where it runs

    def __init__(self, task: Task) -> None:
        import torch

        self._torch, self._task = torch, task
        self._operations: set[str] = set()
        self._flushed = torch.set_flush_denormal(True)

    @property
    def ran(self) -> dict[str, str]:
        """What the calls built so far ran, in words, by operation."""
        torch = self._torch
        words = (
            f"torch.nn.LSTM on the CPU; oneDNN available: {torch.backends.mkldnn.is_available()}; "
            f"threads: {torch.get_num_threads()}; denormals flushed: {self._flushed}"
        )
        return dict.fromkeys(sorted(self._operations), words)

    def forward(self, *, masked: bool) -> Callable[[], Any]:
        """Outputs of all steps, in inference mode.

        Args:
            masked: False; see above.

        Returns:
            The call.
        """
        layer, inputs = self._layer("forward"), self._torch.from_numpy(self._task.inputs)

        def call():
            with self._torch.inference_mode():
                return layer(inputs)[0]

        return call

    def training(self, *, masked: bool) -> Callable[[], Any]:
        """Outputs of all steps, and gradients by the inputs and the weights.

        Args:
            masked: False; see above.

        Returns:
            The call.
        """
        torch, layer = self._torch, self._layer("training")
        inputs = torch.tensor(self._task.inputs, requires_grad=True)
        cotangent = torch.from_numpy(self._task.cotangent)
        sources = [inputs, *layer.parameters()]
        return lambda: torch.autograd.grad(layer(inputs)[0], sources, grad_outputs=cotangent)

    def fit(self, *, masked: bool) -> Callable[[], Any]:
        """A step: the layer and a Linear(1) on its last output, squared error, Adam.

        Args:
            masked: False; see above.

        Returns:
            The call.
        """
        torch, layer = self._torch, self._layer("fit")
        inputs, target = map(torch.from_numpy, (self._task.inputs, self._task.target))
        head = torch.nn.Linear(self._task.shape.units, 1)
        optimizer = torch.optim.Adam([*layer.parameters(), *head.parameters()])

        def call():
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(head(layer(inputs)[0][:, -1]), target)
            loss.backward()
            optimizer.step()
            return loss.item()

        return call

    def decode(self) -> Callable[[], Any]:
        """One step from states that are handed in to states that are handed out.

        Returns:
            The call.
        """
        layer = self._layer("decode")
        inputs = self._torch.from_numpy(self._task.inputs[:, :1].copy())
        states = tuple(self._torch.from_numpy(self._task.state(n))[None] for n in range(2))

        def call():
            with self._torch.inference_mode():
                outputs, (h, c) = layer(inputs, states)
                return outputs[:, -1], h[0], c[0]

        return call

    def _layer(self, operation: str) -> Any:
        """A layer with the Keras layers' weights: gates in the same order, transposed."""
        torch, (features, units) = self._torch, (self._task.shape.features, self._task.shape.units)
        shapes = [(features, 4 * units), (units, 4 * units), (4 * units,)]
        kernel, recurrent_kernel, bias = map(torch.from_numpy, self._task.weights(shapes))
        layer = torch.nn.LSTM(features, units, batch_first=True)
        with torch.no_grad():
            layer.weight_ih_l0.copy_(kernel.T)
            layer.weight_hh_l0.copy_(recurrent_kernel.T)
            layer.bias_ih_l0.copy_(bias)
            layer.bias_hh_l0.zero_()
        self._operations.add(operation)
        return layer

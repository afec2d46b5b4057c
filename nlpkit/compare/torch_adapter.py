"""A recurrent module of torch.nn with our weights: its results, and the calls that are timed.

Only batches without padding are timed. Torch takes padded ones as packed sequences, which are
sorted and packed outside the layer and give packed outputs, which is not comparable.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nlpkit.compare.workload import Workload
from nlpkit.layers import FAMILY, Recurrent
from nlpkit.layers.migration.torch_weights import from_torch, to_torch
from nlpkit.testing import cotangents

__all__ = ["TorchAdapter", "answers", "by_our_weights", "module"]


def module(layer: Recurrent, **options: Any) -> Any:
    """Makes the module of torch.nn with the equations and weights of a layer.

    Args:
        layer: A built layer of one level, of a cell that torch has.
        **options: More arguments of the module.

    Returns:
        The module, which takes batches first.
    """
    import torch

    state = {name: torch.tensor(array) for name, array in to_torch(layer).items()}
    if "weight_hr_l0" in state:
        options["proj_size"] = state["weight_hr_l0"].shape[0]
    made = getattr(torch.nn, FAMILY[layer.declaration.name].torch_name or "")(
        state["weight_ih_l0"].shape[1],
        layer.units,
        bias=layer.use_bias,
        batch_first=True,
        dtype=state["weight_ih_l0"].dtype,
        **options,
    )
    made.load_state_dict(state)
    return made


def by_our_weights(layer: Recurrent, gradients: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Converts gradients by the module's weights to gradients by the layer's weights.

    Args:
        layer: The layer.
        gradients: The gradients by the names in torch's `state_dict`.

    Returns:
        One for each weight, in the layer's order.
    """
    if layer.use_bias and layer.cell.bias.ndim == 1:
        # Each of torch's two biases has the gradient of our one; `from_torch` would add them up.
        gradients = {**gradients, "bias_hh_l0": np.zeros_like(gradients["bias_hh_l0"])}
    return from_torch(gradients, dtype=layer.compute_dtype).get_weights()


def answers(
    layer: Recurrent, inputs: list[np.ndarray], *, seed: int = 0, **options: Any
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The results of torch's module and its gradients, in the form of `nlpkit.testing.vjp`.

    Args:
        layer: Our layer, whose weights the module gets.
        inputs: The sequences, then the initial states if there are any.
        seed: Seed of the cotangents.
        **options: More arguments of the module.

    Returns:
        The outputs of all steps and the last states; the gradients by the inputs, then by the
        weights.
    """
    import torch

    made = module(layer, **options)
    tensors = [torch.tensor(array, requires_grad=True) for array in inputs]
    outputs, state = made(tensors[0], *_packed(tensors[1:]))
    values = [outputs, *(s[0] for s in (state if isinstance(state, tuple) else [state]))]
    arrays = [value.detach().numpy() for value in values]
    pulled = map(torch.from_numpy, cotangents(arrays, seed))
    sum((value * each).sum() for value, each in zip(values, pulled, strict=True)).backward()
    by_name = {name: value.grad.numpy() for name, value in made.named_parameters()}
    return arrays, [*(tensor.grad.numpy() for tensor in tensors), *by_our_weights(layer, by_name)]


def _packed(states):
    """States [B, width] in the form that the module takes: none, one, or a pair."""
    states = [state[None] for state in states]
    return states if len(states) < 2 else [tuple(states)]


class TorchAdapter:
    """An `Adapter` of a module of torch.nn, on the CPU.

    Denormals are flushed to zero, as in TensorFlow: vanishing gradients would take ten times as
    long otherwise.

    Args:
        workload: The cell and the arrays.
    """

    says = ""  # torch's module does not report where it runs

    def __init__(self, workload: Workload) -> None:
        import torch

        self._torch, self._workload = torch, workload
        self._operations: set[str] = set()
        self._flushed = torch.set_flush_denormal(True)

    @property
    def ran(self) -> dict[str, str]:
        torch = self._torch
        description = (
            f"torch.nn.{self._workload.member.torch_name} on the CPU; "
            f"oneDNN available: {torch.backends.mkldnn.is_available()}; "
            f"threads: {torch.get_num_threads()}; denormals flushed: {self._flushed}"
        )
        return dict.fromkeys(sorted(self._operations), description)

    def forward(self, *, masked: bool) -> Callable[[], Any]:
        """Outputs of all steps, in inference mode; never masked."""
        layer, inputs = self._layer("forward"), self._torch.from_numpy(self._workload.inputs)

        def call():
            with self._torch.inference_mode():
                return layer(inputs)[0]

        return call

    def training(self, *, masked: bool) -> Callable[[], Any]:
        """Outputs and gradients; never masked."""
        torch, layer = self._torch, self._layer("training")
        inputs = torch.tensor(self._workload.inputs, requires_grad=True)
        cotangent = torch.from_numpy(self._workload.cotangent)
        sources = [inputs, *layer.parameters()]
        return lambda: torch.autograd.grad(layer(inputs)[0], sources, grad_outputs=cotangent)

    def fit(self, *, masked: bool) -> Callable[[], Any]:
        """The module and a Linear(1); never masked."""
        torch, layer = self._torch, self._layer("fit")
        inputs, target = map(torch.from_numpy, (self._workload.inputs, self._workload.target))
        head = torch.nn.Linear(self._workload.cotangent.shape[2], 1)
        optimizer = torch.optim.Adam([*layer.parameters(), *head.parameters()])

        def call():
            optimizer.zero_grad()
            loss = torch.nn.functional.mse_loss(head(layer(inputs)[0][:, -1]), target)
            loss.backward()
            optimizer.step()
            return loss.item()

        return call

    def decode(self) -> Callable[[], Any]:
        """One step, in inference mode."""
        layer = self._layer("decode")
        inputs = self._torch.from_numpy(self._workload.inputs[:, :1].copy())
        states = _packed([self._torch.from_numpy(state) for state in self._workload.states])

        def call():
            with self._torch.inference_mode():
                outputs, after = layer(inputs, *states)
                after = after if isinstance(after, tuple) else (after,)
                return outputs[:, -1], *(state[0] for state in after)

        return call

    def _layer(self, operation: str) -> Any:
        """A module with the workload's weights."""
        self._operations.add(operation)
        return module(self._workload.layer)

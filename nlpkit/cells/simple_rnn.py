"""The vanilla recurrent network: Elman (1990), as Keras has it.

    (1)  h' = tanh(x + r)

The derivatives of the loss by these, d in front of the letter, from that by h':

    (2)  dz = dh' * (1 - h'²)                                           (1)
    (3)  dh = dz · Rᵀ, by way of r alone; whoever multiplied r adds it

Every step back multiplies by Rᵀ and by 1 - h'² once more. Where the product shrinks the gradient
vanishes over time, where it grows the gradient explodes (Bengio et al. 1994): what the LSTM is for.

x  input projection, input · kernel + bias    [B, U]    h   state before the step  [B, U]
r  recurrent projection, h · recurrent_kernel [B, U]    h'  state after the step   [B, U]
*  elementwise product

Departures from the paper: tanh stands for the logistic function, the whole gradient is propagated
through time instead of one step of it, and the output layer is left to the model.

References:
    J. Elman: Finding Structure in Time. Cognitive Science 14(2), 1990.
    Y. Bengio, P. Simard, P. Frasconi: Learning Long-Term Dependencies with Gradient Descent is
    Difficult. IEEE Transactions on Neural Networks 5(2), 1994.
"""

import keras
from keras import ops

from nlpkit.cells.cell import Cell, Derivative, State

__all__ = ["SIMPLE_RNN"]


def _step(x, r, state, weights, *, activation):
    """One step forward, which keeps h' as g."""
    g = activation(x + r)  # (1)
    return (g,), g


def _local(kept, state, weights):
    """What (2) multiplies dh' by, for tanh."""
    return (1 - kept * kept,)  # (2)


def _adjoint(local, dstate, weights):
    """One step back; h acts by way of r alone, so that its own derivative is zero."""
    (z_local,), (dh,) = local, dstate
    dz = dh * z_local  # (2)
    return dz, dz, (ops.zeros_like(dh),)


_TANH = {"activation": keras.activations.tanh}
SIMPLE_RNN = Cell(
    name="simple-rnn",
    gates=("g",),
    states=(State(name="h"),),
    kept=("g",),
    options=_TANH,
    step=_step,
    derivative=Derivative(options=_TANH, local=_local, adjoint=_adjoint, adds_projections=True),
)

"""cuDNN's recurrences again, in TensorFlow: its equations in a loop, and their derivatives.

The two functions take the place of `tf.raw_ops.CudnnRNNV3` and `tf.raw_ops.CudnnRNNBackpropV3`, so
that everything around cuDNN runs on a CPU. They insist on what cuDNN insists on: time first,
lengths from 1 to T, and on the way back what was given and what came out on the way forward.

The equations are those of cuDNN's manual (cudnnRNNMode_t), with a bias for each of the two products
and the gates in the order of cudnnGetRNNWeightParams; nothing here comes from `nlpkit.cells`:

    lstm  i, f, g, o   c' = f * c + i * g                          h' = o * tanh(c')
    gru   r, z, g      g = tanh(W x + b_W + r * (R h + b_R))        h' = (1 - z) * g + z * h
    rnn                                                             h' = tanh or relu(W x + R h + …)
"""

from typing import NamedTuple

import tensorflow as tf

GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}


class Forward(NamedTuple):
    """The results of `CudnnRNNV3`, in its order."""

    output: tf.Tensor
    output_h: tf.Tensor
    output_c: tf.Tensor
    reserve_space: tf.Tensor
    host_reserved: tf.Tensor


class Backward(NamedTuple):
    """The results of `CudnnRNNBackpropV3`, in its order."""

    input_backprop: tf.Tensor
    input_h_backprop: tf.Tensor
    input_c_backprop: tf.Tensor
    params_backprop: tf.Tensor


def forward(
    *, input, input_h, input_c, params, sequence_lengths, rnn_mode, time_major, is_training
) -> Forward:
    """As `tf.raw_ops.CudnnRNNV3`."""
    _insist(rnn_mode, time_major, input_c)
    results = _run(rnn_mode, input, input_h, input_c, params, sequence_lengths)
    # What is reserved tells all that went in, so that the way back can insist on the same.
    reserved = [_told(input, input_h, input_c, params, sequence_lengths)] if is_training else []
    return Forward(
        *results,
        tf.concat([*reserved, tf.zeros([0], input.dtype)], axis=0),
        tf.fill([5 * is_training], tf.constant(7, tf.int8)),
    )


def backward(
    *,
    input,
    input_h,
    input_c,
    params,
    sequence_lengths,
    output,
    output_h,
    output_c,
    output_backprop,
    output_h_backprop,
    output_c_backprop,
    reserve_space,
    host_reserved,
    rnn_mode,
    time_major,
) -> Backward:
    """As `tf.raw_ops.CudnnRNNBackpropV3`."""
    for c in (input_c, output_c, output_c_backprop):
        _insist(rnn_mode, time_major, c)
    sources = [tf.identity(source) for source in (input, input_h, input_c, params)]
    again = _run(rnn_mode, *sources, sequence_lengths)
    told = _told(input, input_h, input_c, params, sequence_lengths)
    checks = [tf.debugging.assert_equal(reserve_space, told)]
    checks += [tf.debugging.assert_equal(tf.size(host_reserved), 5)]
    results = zip(again, (output, output_h, output_c), strict=True)
    checks += [tf.debugging.assert_near(*pair, atol=1e-6, rtol=0.0) for pair in results]
    upstream = [output_backprop, output_h_backprop, output_c_backprop]
    with tf.control_dependencies(checks):
        upstream = [tf.identity(u) for u in upstream]
    # Not a tape: the recurrence keeps all tapes from looking.
    return Backward(*tf.gradients(again, sources, upstream, unconnected_gradients="zero"))


def _insist(mode, time_major, c):
    """The modes that cuDNN has, and a cell state for the LSTM alone."""
    assert mode in GATES and time_major
    assert c.shape.rank in (None, 3 if mode == "lstm" else 0)


def _run(mode, x, h, c, params, lengths):
    """Outputs [T, B, U], zero beyond the lengths, and the last states [1, B, U]; c or a scalar."""
    time = tf.shape(x)[0]
    with tf.control_dependencies(
        [
            tf.debugging.assert_greater(lengths, 0),
            tf.debugging.assert_less_equal(lengths, time),
            tf.debugging.assert_equal(tf.shape(h), [1, tf.shape(x)[1], h.shape[2]]),
        ]
    ):
        kernels, recurrent_kernels, biases = _weights(GATES[mode], params, x.shape[2], h.shape[2])
    equations = {
        "lstm": _lstm,
        "gru": _gru,
        "rnn_tanh": _rnn(tf.tanh),
        "rnn_relu": _rnn(tf.nn.relu),
    }

    def step(state, now):
        t, x_t = now
        input_products = [x_t @ kernel + b for kernel, b in zip(kernels, biases[0], strict=True)]
        state_products = [
            state[0] @ kernel + b for kernel, b in zip(recurrent_kernels, biases[1], strict=True)
        ]
        after = equations[mode](input_products, state_products, state)
        pairs = zip(after, state, strict=True)
        return tuple(tf.where((t < lengths)[:, None], *pair) for pair in pairs)

    start = (h[0], c[0]) if mode == "lstm" else (h[0],)
    hs, *cs = tf.scan(step, (tf.range(time), x), start)
    live = tf.range(time)[:, None] < lengths
    last = cs[0][-1:] if cs else tf.identity(c)
    return tf.where(live[:, :, None], hs, tf.zeros_like(hs)), hs[-1:], last


def _lstm(products, state_products, state):
    i, f, g, o = (w + r for w, r in zip(products, state_products, strict=True))
    c = tf.sigmoid(f) * state[1] + tf.sigmoid(i) * tf.tanh(g)
    return tf.sigmoid(o) * tf.tanh(c), c


def _gru(products, state_products, state):
    (w_r, w_z, w_g), (r_r, r_z, r_g) = products, state_products
    z = tf.sigmoid(w_z + r_z)
    g = tf.tanh(w_g + tf.sigmoid(w_r + r_r) * r_g)
    return ((1 - z) * g + z * state[0],)


def _rnn(activation):
    return lambda products, state_products, state: (activation(products[0] + state_products[0]),)


def _weights(gates, params, features, units):
    """From cuDNN's vector its matrices [I, U] and [U, U] and both biases [U], gate by gate."""
    matrices, start = [[], []], 0
    for blocks, rows in zip(matrices, (features, units), strict=True):
        for _ in range(gates):
            block = tf.reshape(params[start : start + rows * units], [units, rows])
            blocks.append(tf.transpose(block))
            start += rows * units
    biases = tf.reshape(params[start:], [2, gates, units])
    return *matrices, [tf.unstack(half) for half in tf.unstack(biases)]


def _told(*tensors):
    """All of them in one vector."""
    dtype = tensors[0].dtype
    return tf.concat([tf.reshape(tf.cast(t, dtype), [-1]) for t in tensors], axis=0)

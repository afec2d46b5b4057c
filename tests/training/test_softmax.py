"""The sampled softmax: exact where it can be, unbiased elsewhere."""

import numpy as np
import pytest
import tensorflow as tf

from nlpkit.training import FullSoftmax, SampledSoftmax, next_word_loss

V, D, R = 200, 5, 40
RNG = np.random.default_rng(0)
H, TABLE, BIAS = (
    tf.constant(RNG.normal(size=shape).astype("float32")) for shape in ((R, D), (V, D), (V,))
)
TARGETS = tf.constant(RNG.integers(0, V, R).astype("int32"))


def exact():
    return FullSoftmax()(H, TARGETS, TABLE, BIAS, None).numpy()


def test_the_full_softmax_is_the_negative_log_likelihood():
    scores = (H @ tf.transpose(TABLE) + BIAS).numpy().astype(np.float64)
    expected = np.log(np.exp(scores).sum(1)) - scores[np.arange(R), TARGETS]
    np.testing.assert_allclose(exact(), expected, rtol=1e-5)


def test_the_estimate_of_the_partition_function_is_unbiased():
    """exp(loss) · exp(score of the true word) is Z; its mean over draws is the exact one."""
    loss = SampledSoftmax(V, head=20, samples=30)
    draw = tf.function(lambda seed: loss(H, TARGETS, TABLE, BIAS, seed))
    ratios = np.stack([np.exp(draw(tf.constant([5, k])) - exact()) for k in range(1_000)])
    error = ratios.std(0) / np.sqrt(len(ratios))
    assert (np.abs(ratios.mean(0) - 1) < 4.5 * error + 1e-6).all()


def test_many_samples_give_the_exact_gradient():
    loss = SampledSoftmax(V, head=150, samples=200_000)

    def gradients(function, seed):
        with tf.GradientTape() as tape:
            tape.watch([H, TABLE, BIAS])
            total = tf.reduce_sum(function(H, TARGETS, TABLE, BIAS, seed))
        return [tf.convert_to_tensor(g).numpy() for g in tape.gradient(total, [H, TABLE, BIAS])]

    ours = gradients(loss, tf.constant([1, 2]))
    for estimate, expected in zip(ours, gradients(FullSoftmax(), None), strict=True):
        np.testing.assert_allclose(estimate, expected, atol=0.05 * np.abs(expected).max())


def test_only_words_of_the_tail_are_drawn_with_the_chances_that_are_said():
    loss = SampledSoftmax(50, head=10, samples=400_000)
    drawn, log_rate = loss._draw(tf.constant([3, 4]))
    counts = np.bincount(drawn, minlength=50)
    assert counts[:10].sum() == 0
    expected = np.zeros(50)
    expected[drawn.numpy()] = np.exp(log_rate)
    np.testing.assert_allclose(counts[10:], expected[10:], rtol=0.1)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_draws_the_same(seed):
    loss = SampledSoftmax(V, head=20, samples=30)
    first, second = (loss(H, TARGETS, TABLE, BIAS, tf.constant([seed, 9])) for _ in range(2))
    np.testing.assert_allclose(first, second, rtol=1e-6)


def test_it_compiles_for_xla():
    """XLA draws other words from the same seed, so both are held against the exact loss."""
    loss = tf.function(SampledSoftmax(V, head=150, samples=100_000), jit_compile=True)
    estimate = loss(H, TARGETS, TABLE, BIAS, tf.constant([0, 1]))
    np.testing.assert_allclose(estimate, exact(), atol=0.05)


@pytest.mark.parametrize(("vocabulary", "kind"), [(4_096, FullSoftmax), (4_097, SampledSoftmax)])
def test_the_size_of_the_vocabulary_chooses(vocabulary, kind):
    assert isinstance(next_word_loss(vocabulary), kind)


@pytest.mark.parametrize("name", ["vocabulary", "head", "samples"])
def test_a_wrong_size_is_named(name):
    sizes = {"vocabulary": 10, "head": 2, "samples": 2, name: 0}
    with pytest.raises(ValueError, match=f"^`{name}` must be a positive integer, got 0\\.$"):
        SampledSoftmax(sizes.pop("vocabulary"), **sizes)

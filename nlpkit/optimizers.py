"""Adam that touches only the rows of a table that were used."""

import keras
import tensorflow as tf

__all__ = ["LazyAdam"]


@keras.saving.register_keras_serializable(package="nlpkit")
class LazyAdam(keras.optimizers.Adam):
    """Adam whose moments of an embedding row move only when the row was looked up.

    Keras's Adam updates a whole table at every step, though a batch looks up a few of its rows:
    for 200,000 rows that is most of a step's time. Here a gradient in the form of
    `tf.IndexedSlices` (what a gather gives) updates the rows it names and no others; a dense
    gradient is Adam's as ever. The result differs a little: a row that rests does not coast on its
    momentum. The successor of LazyAdam in TensorFlow Addons.

    Takes the arguments of `keras.optimizers.Adam`. `amsgrad` holds for dense gradients only, and
    neither clipping nor weight decay is lazy: they make the gradient, or the update, dense. Under
    `tf.distribute` it adds up the gradients of replicas, as Keras's optimizers do; where
    `sums_gradients` is set to false, they were added up before, to be clipped together.

    Example:
        >>> import keras, tensorflow as tf
        >>> table = keras.Variable(tf.ones([4, 1]))
        >>> LazyAdam(0.5).apply([tf.IndexedSlices(tf.ones([2, 1]), [1, 1], [4, 1])], [table])
        >>> table.numpy().ravel().round(2).tolist()
        [1.0, 0.5, 1.0, 1.0]

    Reference: Kingma & Ba 2015, algorithm 1, on the rows in use.
    """

    sums_gradients = True

    def _all_reduce_sum_gradients(self, grads_and_vars):
        if not self.sums_gradients:
            return grads_and_vars
        return super()._all_reduce_sum_gradients(grads_and_vars)

    def update_step(self, gradient, variable, learning_rate):
        if not isinstance(gradient, tf.IndexedSlices):
            super().update_step(gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        momentum, velocity = self._momentums[index].value, self._velocities[index].value
        rows, group = tf.unique(gradient.indices)
        g = tf.math.unsorted_segment_sum(gradient.values, group, tf.size(rows))
        g = tf.cast(g, momentum.dtype)
        m = tf.gather(momentum, rows) * self.beta_1 + g * (1 - self.beta_1)
        v = tf.gather(velocity, rows) * self.beta_2 + tf.square(g) * (1 - self.beta_2)
        step = tf.cast(self.iterations + 1, m.dtype)
        rate = tf.cast(learning_rate, m.dtype)
        rate *= tf.sqrt(1 - tf.pow(self.beta_2, step)) / (1 - tf.pow(self.beta_1, step))
        momentum.scatter_update(tf.IndexedSlices(m, rows))
        velocity.scatter_update(tf.IndexedSlices(v, rows))
        variable.scatter_sub(tf.IndexedSlices(rate * m / (tf.sqrt(v) + self.epsilon), rows))

"""What a training step does in each of several replicas of a model, which learn as one would.

    a batch of B rows ─┬─ rows of replica 0 ─ forward, backward ─┐
                       ├─ rows of replica 1 ─ forward, backward ─┼─ sum ─ the same update in each
                       └─ …                                     ─┘

Losses are divided by the rows of the whole batch, not of a replica, so the sum over the replicas is
the gradient of the batch, whatever their shares. With one replica, nothing is added to the graph.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf

from nlpkit.optimizers import LazyAdam

__all__ = ["own_draws", "own_rows", "part_of_mean", "summed", "update", "whole_rows"]

_SEED_NAME = "seed_generator_state"
_APART = 1_640_531_527  # far apart, and no sum of two seeds that a model would have


def own_rows(*tensors: tf.Tensor) -> list[tf.Tensor]:
    """The rows that this replica takes of a batch: as many as any other, or one more or less.

    Args:
        *tensors: [B, …] each, the same in all replicas.

    Returns:
        Consecutive rows of each. A replica for which there are none gets a row that another has
        too, since not every kernel runs without rows; `part_of_mean` and `whole_rows` leave it out.
    """
    if _replicas() == 1:
        return list(tensors)
    rows = _rows(tensors[0])
    start, end = _bounds(rows)
    start = tf.minimum(start, rows - 1)
    end = tf.maximum(end, start + 1)
    return [tensor[start:end] for tensor in tensors]


def whole_rows(tensors: Sequence[tf.Tensor], rows: Any) -> list[tf.Tensor]:
    """Puts what belongs to this replica's rows where it is in the batch, between zeros.

    The sum over the replicas is what belongs to all rows.

    Args:
        tensors: [share, …] each.
        rows: The rows of the batch, B.

    Returns:
        [B, …] each.
    """
    if _replicas() == 1:
        return list(tensors)
    start, end = _bounds(rows)
    ahead_and_after = [[start, rows - end]]
    return [
        tf.ensure_shape(
            tf.pad(tensor[: end - start], ahead_and_after + [[0, 0]] * (tensor.shape.rank - 1)),
            [rows if isinstance(rows, int) else None, *tensor.shape[1:]],
        )
        for tensor in tensors
    ]


def part_of_mean(mean: tf.Tensor, rows: Any) -> tf.Tensor:
    """What the mean over this replica's rows adds to the mean over the batch.

    Args:
        mean: The mean over what `own_rows` gave.
        rows: The rows of the batch, B.

    Returns:
        The mean, times the replica's fraction of the rows.
    """
    if _replicas() == 1:
        return mean
    start, end = _bounds(rows)
    return mean * tf.cast((end - start) / rows, mean.dtype)


def summed(tensors: Sequence[Any]) -> list[Any]:
    """Adds up what each replica has.

    Args:
        tensors: Tensors of one type, or `tf.IndexedSlices`; the same number in each replica.

    Returns:
        The sums, the same in all replicas.
    """
    if _replicas() == 1:
        return list(tensors)
    return _context().all_reduce(tf.distribute.ReduceOp.SUM, list(tensors))


def update(optimizer: LazyAdam, gradients: Sequence[Any], weights: Sequence[Any]) -> None:
    """Applies gradients that are the same in all replicas.

    Args:
        optimizer: The optimizer, made in the strategy's scope.
        gradients: Of the whole batch, as `summed` gives them.
        weights: The variables.
    """
    optimizer.sums_gradients = False
    optimizer.apply(gradients, weights)


@contextlib.contextmanager
def own_draws(model: keras.Model) -> Iterator[None]:
    """Has each replica draw dropout masks of its own in the block; else all would draw the same.

    The seeds of replica 0 are those of a model alone. They are stored for the next step; the others
    keep a distance to them.

    Args:
        model: The model, made in the strategy's scope.

    Yields:
        Nothing.
    """
    if _replicas() == 1:
        yield
        return
    seeds = [v for v in model.non_trainable_variables if v.name == _SEED_NAME]
    apart = tf.cast([_APART * _context().replica_id_in_sync_group, 0], tf.int64)
    with keras.StatelessScope([(seed, seed.value + apart) for seed in seeds]) as scope:
        yield
    advanced = [scope.get_current_value(seed) - apart for seed in seeds]

    def store(strategy: tf.distribute.Strategy, values: list[Any]) -> None:
        for seed, value in zip(seeds, values, strict=True):
            seed.assign(strategy.experimental_local_results(value)[0])

    _context().merge_call(store, args=(advanced,))


def _context() -> Any:
    """The replica that is traced; outside of any strategy, the only one."""
    return tf.distribute.get_replica_context()


def _replicas() -> int:
    """How many there are."""
    return _context().num_replicas_in_sync


def _rows(tensor: tf.Tensor) -> Any:
    """B, as an integer if it is known."""
    return tf.shape(tensor)[0] if tensor.shape[0] is None else tensor.shape[0]


def _bounds(rows: Any) -> tuple[Any, Any]:
    """The first row of this replica, and the one after its last."""
    number, replicas = _context().replica_id_in_sync_group, _replicas()
    return rows * number // replicas, rows * (number + 1) // replicas

"""What a failed step of several workers is told as."""

import pytest
import tensorflow as tf

from nlpkit.cluster import Cluster
from nlpkit.errors import WorkerError
from nlpkit.training import Distribution

CLUSTER = Cluster(("one:1", "two:1", "three:1"), 1)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("/job:worker/replica:0/task:2 is gone", r"^worker 2 \(three:1\) is gone"),
        ("/job:worker/task:1 lost /job:worker/task:0", "^the chief, worker 0 .* is gone"),
        ("Dst tensor is not\ninitialized", "a step failed: TensorFlow says 'Dst tensor is not'"),
    ],
)
def test_a_failed_step_names_the_worker_or_what_tensorflow_says(said, told):
    with pytest.raises(WorkerError, match=told):
        with Distribution(None, CLUSTER).watched():
            raise tf.errors.InternalError(None, None, said)


def test_alone_an_error_of_tensorflow_stays_what_it_is():
    with pytest.raises(tf.errors.InternalError), Distribution().watched():
        raise tf.errors.InternalError(None, None, "odd")

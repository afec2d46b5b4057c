"""Chooses TensorFlow's strategy by name, and starts it."""

import faulthandler
import functools
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from nlpkit.checks import check_choice
from nlpkit.cluster import STRATEGIES, Cluster, meet, read_cluster
from nlpkit.errors import InputError
from nlpkit.signals import STOPPING
from nlpkit.training.distribution import ALONE, Distribution

__all__ = ["distribute"]

_SECONDS_TO_CONNECT = 60
_started: dict[Cluster, Distribution] = {}
"""A process can join one cluster, once."""

# Of two strategies for the same devices, TensorFlow would take one's sums for the other's.
_mirrored_strategy = functools.cache(tf.distribute.MirroredStrategy)


def distribute(name: str = "auto", *, tell: Callable[[str], object] = print) -> Distribution:
    """Starts the replicas of a training.

    Args:
        name: One of `nlpkit.cluster.STRATEGIES`. "auto" takes the workers of `TF_CONFIG`, else a
            TPU, else the GPUs if there are several, else one device. Default "auto".
        tell: Called with a line about the progress.

    Returns:
        The replicas. With several workers, once they are all there.

    Raises:
        InputError: If there are no such devices, or `TF_CONFIG` is malformed.
        WorkerError: If a worker does not come.

    Example:
        >>> distribute("cpu").replicas
        1
    """
    check_choice("--strategy", name, STRATEGIES)
    cluster = read_cluster() if name in ("auto", "multi-worker") else None
    if name == "auto":
        name = _automatic(cluster)
    if name == "multi-worker":
        return _multi_worker(cluster, tell)
    if name == "mirrored":
        return _mirrored()
    if name == "tpu":
        return _tpu()
    if name == "cpu":
        _hide_gpus()
    return ALONE


def _automatic(cluster: Cluster | None) -> str:
    """The strategy for what there is."""
    if cluster is not None and len(cluster.workers) > 1:
        return "multi-worker"
    if _has_tpu():
        return "tpu"
    return "mirrored" if len(tf.config.list_physical_devices("GPU")) > 1 else "one device"


def _multi_worker(cluster: Cluster | None, tell: Callable[[str], object]) -> Distribution:
    """The workers of `TF_CONFIG`."""
    if cluster is None or len(cluster.workers) < 2:
        number = "it is not set" if cluster is None else "it names one"
        raise InputError(
            "`--strategy multi-worker` needs the environment variable `TF_CONFIG` to name at least "
            f"2 workers, but {number}; docs/distributed.md has an example."
        )
    if cluster not in _started:
        meet(cluster, tell)
        tell(f"connecting to the other workers, for {_SECONDS_TO_CONNECT} seconds at most")
        _started[cluster] = Distribution(_connected(), cluster)
    return _started[cluster]


def _connected() -> tf.distribute.Strategy:
    """TensorFlow's strategy, which connects to the other workers when it is made.

    TensorFlow holds Python's lock meanwhile, without a limit of time, and takes SIGTERM for itself.
    """
    handlers = {number: signal.getsignal(number) for number in STOPPING}
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(_SECONDS_TO_CONNECT, exit=True, file=nowhere)
        try:
            return tf.distribute.MultiWorkerMirroredStrategy()
        except RuntimeError as error:
            raise InputError(
                "`--strategy multi-worker` must be chosen before TensorFlow is used in this "
                f"process; start another one. ({error})"
            ) from None
        finally:
            faulthandler.cancel_dump_traceback_later()
            if threading.current_thread() is threading.main_thread():
                for number, handler in handlers.items():
                    signal.signal(number, handler)


def _mirrored() -> Distribution:
    """The GPUs of this machine; without any, its CPU as it was divided into logical devices."""
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    if len(devices) < 2:
        raise InputError(
            f"`--strategy mirrored` needs at least 2 GPUs, but there is 1 device, "
            f"{devices[0].name.removeprefix('/device:')}; leave it out to train on that."
        )
    return Distribution(_mirrored_strategy(tuple(device.name for device in devices)))


def _tpu() -> Distribution:
    """The TPU of this machine."""
    if not _has_tpu():
        raise InputError(
            "`--strategy tpu` needs a TPU, but there is none: no /dev/accel*, and `TPU_NAME` is "
            "not set; leave it out to train on what there is."
        )
    resolver = tf.distribute.cluster_resolver.TPUClusterResolver.connect()
    return Distribution(tf.distribute.TPUStrategy(resolver))


def _has_tpu() -> bool:
    """Whether there is a TPU, as far as that can be told at once."""
    return bool(os.environ.get("TPU_NAME")) or any(Path("/dev").glob("accel*"))


def _hide_gpus() -> None:
    """Leaves only the CPU to TensorFlow."""
    if not tf.config.list_physical_devices("GPU"):
        return
    try:
        tf.config.set_visible_devices([], "GPU")
    except RuntimeError:
        raise InputError(
            "`--strategy cpu` must be chosen before TensorFlow has used a GPU in this process; "
            "start another one with `CUDA_VISIBLE_DEVICES=-1`."
        ) from None

"""Workers of a training as processes of this machine, and the loss of each of their steps.

    python -m tests.workers LOSSES CPUS nlpkit-arguments…

writes the loss of each step to a file, a line each, and divides the CPU into so many devices.
"""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.commands import Answer, clean_environment


def start(losses, *arguments, config=None, cpus=1):
    """Starts a command as a process, with a `TF_CONFIG` or without."""
    environment = clean_environment() | ({"TF_CONFIG": json.dumps(config)} if config else {})
    return subprocess.Popen(
        [sys.executable, "-m", "tests.workers", losses, str(cpus), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment,
    )


def ended(child, *, seconds=300):
    """What a process left, which must end within a time."""
    try:
        out, err = child.communicate(timeout=seconds)
    finally:
        child.kill()
    assert "Traceback" not in err, err
    return Answer(child.returncode, out, err)


def two_tasks():
    """The `TF_CONFIG` of each of two workers, at free ports."""
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        addresses = [f"127.0.0.1:{server.getsockname()[1]}" for server in (one, other)]
    return [
        {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}
        for index in range(2)
    ]


def steps(path):
    """The loss of each step."""
    return [float(line) for line in Path(path).read_text().splitlines()]


def _main(losses, cpus, *arguments):
    """Runs the command, and notes the losses."""
    import tensorflow as tf

    from nlpkit import cli
    from nlpkit.training import language

    if int(cpus) > 1:
        (cpu,) = tf.config.list_physical_devices("CPU")
        parts = [tf.config.LogicalDeviceConfiguration()] * int(cpus)
        tf.config.set_logical_device_configuration(cpu, parts)
    learners = (sys.modules["nlpkit.training.fit"]._Classifier, language._LanguageLearner)
    with Path(losses).open("a", buffering=1) as file:
        for learner in learners:
            _note(learner, file)
        sys.argv = ["nlpkit", *arguments]
        cli.main()


def _note(learner, file):
    """Has a learner write the loss of each step to a file."""
    learn = learner.learn

    def noted(self, batch):
        loss, size = learn(self, batch)
        file.write(f"{float(loss)!r}\n")
        return loss, size

    learner.learn = noted


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    _main(*sys.argv[1:])

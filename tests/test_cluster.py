"""`TF_CONFIG` is read as the field writes it, and told in a sentence where it is malformed."""

import json
import socket
import threading

import pytest

from nlpkit.cluster import Cluster, meet, read_cluster
from nlpkit.errors import InputError, WorkerError

TWO = ["one:12345", "two:12345"]
MALFORMED = {
    "no JSON": ("{", "Expecting property name"),
    "no end": ("[" * 100_000, "recursion depth"),
    "no object": ("[]", "it is '\\[\\]'"),
    "no list": ({"cluster": {"worker": "one:1"}}, "must hold a list of addresses for each job"),
    "a job of others": ({"cluster": {"ps": ["one:1"]}}, "has the job 'ps'"),
    "no port": ({"cluster": {"worker": ["one"]}}, "an address must be `host:port`, got 'one'"),
    "a port too large": ({"cluster": {"worker": ["one:70000"]}}, "got 'one:70000'"),
    "one address twice": ({"cluster": {"worker": ["one:1", "one:1"]}}, "have the same address"),
    "two chiefs": ({"cluster": {"chief": TWO}}, "more than one chief"),
    "no task": ({"cluster": {"worker": TWO}}, "must hold a type and an index, got None"),
    "a task outside": (
        {"cluster": {"worker": TWO}, "task": {"type": "worker", "index": 2}},
        "its task is worker 2, which is not in its cluster",
    ),
}


def written(config):
    return {"TF_CONFIG": config if isinstance(config, str) else json.dumps(config)}


@pytest.mark.parametrize("index", [0, "1"])
def test_workers_are_numbered_and_the_first_is_the_chief(index):
    task = {"type": "worker", "index": index}
    cluster = read_cluster(written({"cluster": {"worker": TWO}, "task": task}))
    assert cluster == Cluster(tuple(TWO), int(index))
    assert cluster.chief == (index == 0)


@pytest.mark.parametrize(("kind", "index", "number"), [("chief", 0, 0), ("worker", 1, 2)])
def test_a_chief_comes_before_the_workers(kind, index, number):
    config = {"cluster": {"worker": TWO, "chief": ["head:1"]}}
    cluster = read_cluster(written(config | {"task": {"type": kind, "index": index}}))
    assert cluster == Cluster(("head:1", *TWO), number)


@pytest.mark.parametrize("environment", [{}, written(""), written("{}"), written({"task": {}})])
def test_without_a_cluster_there_is_none(environment):
    assert read_cluster(environment) is None


@pytest.mark.parametrize(("config", "message"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_is_told(config, message):
    with pytest.raises(InputError, match=f"`TF_CONFIG` must be JSON such as .*{message}"):
        read_cluster(written(config))


@pytest.fixture
def addresses():
    with socket.create_server(("", 0)) as one, socket.create_server(("", 0)) as other:
        ports = [server.getsockname()[1] for server in (one, other)]
    return tuple(f"127.0.0.1:{port}" for port in ports)


def test_workers_wait_for_each_other(addresses):
    said = []
    other = threading.Thread(target=meet, args=(Cluster(addresses, 1), said.append))
    other.start()
    meet(Cluster(addresses, 0), said.append)
    other.join()
    assert f"waiting for worker 1 ({addresses[1]})" in said
    assert f"waiting for the chief, worker 0 ({addresses[0]})" in said


@pytest.mark.parametrize(("index", "missing"), [(0, "^worker 1"), (1, "^the chief, worker 0")])
def test_a_worker_that_does_not_come_is_named(addresses, index, missing):
    with pytest.raises(WorkerError, match=f"{missing} .* did not come"):
        meet(Cluster(addresses, index), [].append, minutes=0.0)


def test_a_port_that_is_taken_is_told(addresses):
    with socket.create_server(("", int(addresses[0].rpartition(":")[2]))):
        with pytest.raises(InputError, match="cannot use its port: .*in use"):
            meet(Cluster(addresses, 0), [].append)

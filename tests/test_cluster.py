"""`TF_CONFIG` is read as the field writes it, and told in a sentence where it is malformed."""

import concurrent.futures
import json
import socket
import threading
import time

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


def test_workers_meet_at_an_address_of_version_6(addresses):
    if not socket.has_dualstack_ipv6():
        pytest.skip("This machine has no IPv6.")
    addresses = tuple(address.replace("127.0.0.1", "[::1]") for address in addresses)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for met in [pool.submit(meet, Cluster(addresses, k), str, minutes=0.2) for k in range(2)]:
            met.result()


def test_a_worker_that_begins_anew_is_waited_for(addresses):
    """The first time it leaves while the chief still waits for another one."""
    cluster = [Cluster((*addresses, "127.0.0.1:1"), index) for index in range(3)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        chief = pool.submit(meet, cluster[0], str, minutes=0.5)
        first, again, last = (_said(addresses[0], number) for number in (1, 1, 2))
        with again, last:
            first.close()
            assert again.recv(64) and last.recv(64)
        chief.result()


def test_the_chief_waits_for_a_worker_that_left(addresses):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        chief = pool.submit(meet, Cluster((*addresses, "127.0.0.1:1"), 0), str, minutes=0.02)
        _said(addresses[0], 1).close()
        with _said(addresses[0], 2), pytest.raises(WorkerError, match="^worker 1 .* did not come"):
            chief.result()


def _said(address, number):
    """A connection on which a worker has told the chief its number."""
    host, port = address.split(":")
    deadline = time.monotonic() + 10
    while True:
        try:
            connection = socket.create_connection((host, int(port)), 10)
            break
        except ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    connection.sendall(b"nlpkit worker %d" % number)
    time.sleep(0.1)  # until it has been read
    return connection


@pytest.mark.parametrize(("index", "missing"), [(0, "^worker 1"), (1, "^the chief, worker 0")])
def test_a_worker_that_does_not_come_is_named(addresses, index, missing):
    with pytest.raises(WorkerError, match=f"{missing} .* did not come"):
        meet(Cluster(addresses, index), [].append, minutes=0.0)


def test_a_port_that_is_taken_is_told(addresses):
    with socket.create_server(("", int(addresses[0].rpartition(":")[2]))):
        with pytest.raises(InputError, match="cannot use its port: .*in use"):
            meet(Cluster(addresses, 0), [].append)

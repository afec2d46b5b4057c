"""Loads a server with many clients, and checks every answer against `nlpkit predict`'s.

    nlpkit serve OUT/saved_model &
    python -m tests.serve.http.load OUT/saved_model --url http://127.0.0.1:8501 --seconds 60

A classifier's artefact. Prints requests a second, one client alone and all together, the median and
99th percentile of their times, and the server's memory; ends with status 1 if an answer was lost or
wrong, or a status was not as documented.
"""

import argparse
import asyncio
import collections
import contextlib
import dataclasses
import json
import random
import sys
import time
import urllib.parse
from pathlib import Path

import numpy as np

from nlpkit.serve import load

BAD = (
    (b"{", 400),
    (b"[]", 400),
    (b'{"instances": []}', 400),
    (b'{"instances": [1]}', 400),
    (b'{"instances": ["a"], "signature_name": "none"}', 400),
    (b'{"instances": ["' + b"a" * (1 << 20) + b'"]}', 413),
)
"""Bodies that are refused, each with its status."""

WORDS = "the film was a wonderful dull story of an actor 정말 재미있는 영화 지루한 배우".split()
SAME = 1e-5  # what batches of other texts change in a probability


@dataclasses.dataclass
class Outcome:
    """What a run of clients met with."""

    seconds: float = 0.0
    times: list[float] = dataclasses.field(default_factory=list)
    statuses: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    faults: list[str] = dataclasses.field(default_factory=list)

    @property
    def rate(self):
        """Good answers a second."""
        return self.statuses[200] / self.seconds

    def __str__(self):
        p50, p99 = np.percentile(self.times, [50, 99])
        statuses = ", ".join(f"{n} × {status}" for status, n in sorted(self.statuses.items()))
        return f"{self.rate:.1f} a second; p50 {p50:.1f} ms, p99 {p99:.1f} ms; {statuses}"


def some_texts(count, seed=0):
    """Texts of 1 to 200 words, most of them short."""
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=round(200 ** rng.random()))) for _ in range(count)]


async def ask(url, expected, *, clients, seconds, bad=0.05, seed=0):
    """Has clients ask one request after the other; returns the `Outcome`."""
    outcome, texts, began = Outcome(), list(expected), time.monotonic()

    async def client(number):
        rng = random.Random(f"{seed} {number}")
        async with connected(url) as post:
            while time.monotonic() - began < seconds:
                text = rng.choice(texts)
                body, wanted = json.dumps({"instances": [text]}).encode(), 200
                if rng.random() < bad:
                    body, wanted = rng.choice(BAD)
                start = time.monotonic()
                status, headers, answer = await post(body)
                outcome.statuses[status] += 1
                if status == 503:
                    await asyncio.sleep(float(headers["retry-after"]))
                elif status != wanted:
                    outcome.faults.append(f"{status}, not {wanted}: {answer[:200]}")
                elif wanted == 200:
                    outcome.times.append(1000 * (time.monotonic() - start))
                    (prediction,) = json.loads(answer)["predictions"]
                    off = np.subtract(prediction["probabilities"], expected[text])
                    if np.abs(off).max() > SAME:
                        outcome.faults.append(f"another answer: {text[:60]!r}")

    await asyncio.gather(*map(client, range(clients)))
    outcome.seconds = time.monotonic() - began
    return outcome


@contextlib.asynccontextmanager
async def connected(url):
    """A connection that is kept: a function of a body, which posts it.

    Made by hand, since a client of the size of a library would take more time than the server.
    """
    address = urllib.parse.urlsplit(url)
    streams = []

    async def post(body):
        if not streams:
            streams.extend(await asyncio.open_connection(address.hostname, address.port))
        reader, writer = streams
        head = f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines[1:])}
        answer = await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            writer.close()
            streams.clear()
        return int(lines[0].split()[1]), headers, answer

    yield post
    if streams:
        streams[1].close()


def memory_mb(pid):
    """The memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1e3


def main():
    """Measures, prints, and tells whether all was well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--url", default="http://127.0.0.1:8501")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pid", type=int, help="the server's process, for its memory")
    given = parser.parse_args()
    texts = some_texts(500)
    expected = {answer.text: answer.probabilities for answer in load(given.model).classify(texts)}
    url = f"{given.url}/v1/models/sentiment:predict"
    runs = {}
    for name, clients, seconds in (
        ("warm", given.clients, min(10, given.seconds)),
        ("one at a time", 1, min(15, given.seconds)),
        (f"{given.clients} clients", given.clients, given.seconds),
    ):
        memory = f", {memory_mb(given.pid):.0f} MB before" if given.pid else ""
        runs[name] = asyncio.run(ask(url, expected, clients=clients, seconds=seconds))
        memory += f", {memory_mb(given.pid):.0f} MB after" if given.pid else ""
        print(f"{name}: {runs[name]}{memory}", flush=True)
    _, alone, together = runs.values()
    print(f"throughput: {together.rate / alone.rate:.2f} times one at a time")
    faults = [fault for run in runs.values() for fault in run.faults]
    print(*faults[:10], sep="\n")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())

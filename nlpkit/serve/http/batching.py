"""Computes what waits together: examples of several requests in one call of a model.

A model takes hardly longer for some dozens of examples than for one. An example waits for others
until there is a batch of them, or for a few milliseconds; while a batch is computed, the next one
gathers.
"""

import asyncio
import collections
import concurrent.futures
import contextlib
import dataclasses
from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np

from nlpkit.serve.http.limits import Limits
from nlpkit.serve.http.refusal import Overloaded

__all__ = ["Batcher"]

Arrays = Mapping[str, np.ndarray]
Call = Callable[[Arrays], dict[str, np.ndarray]]


@dataclasses.dataclass
class _Job:
    """Examples of one request, computed by one call."""

    call: Call
    key: Hashable
    arrays: Arrays
    rows: int
    longest: int
    answer: asyncio.Future
    since: float


class Batcher:
    """Runs calls one after the other in a thread of its own, joined where they are alike.

    Args:
        limits: The size of a batch, how long it gathers, and how many examples may wait.
        told: Called with the number of examples of each batch, before it is computed.
    """

    def __init__(self, limits: Limits, told: Callable[[int], object] = lambda rows: None) -> None:
        self._limits, self._told = limits, told
        self._jobs: collections.deque[_Job] = collections.deque()
        self._thread = concurrent.futures.ThreadPoolExecutor(1, "model")
        self._arrived, self._closing = asyncio.Event(), False
        self._runner: asyncio.Task | None = None

    @property
    def waiting(self) -> int:
        """Examples that wait."""
        return sum(job.rows for job in self._jobs)

    async def answer(
        self, call: Call, arrays: Arrays, *, key: Hashable = None
    ) -> dict[str, np.ndarray]:
        """Answers a request.

        Args:
            call: Answers arrays; it runs in another thread.
            arrays: The request's, each with a first axis of one size unless `key` is None.
            key: Requests of one key have the same `call`, and may be joined or cut along the first
                axis; those of the key None are computed whole and alone.

        Returns:
            What `call` answers.

        Raises:
            Overloaded: If too many examples wait already.
        """
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        rows = 1 if key is None else len(next(iter(arrays.values())))
        if self.waiting + rows > self._limits.queue and self._jobs:
            raise Overloaded("The server has more to do than it can; try again in a moment.")
        jobs = [self._job(call, key, part) for part in self._parts(arrays, rows, key)]
        self._jobs.extend(jobs)
        self._arrived.set()
        try:
            answers = await asyncio.gather(*(job.answer for job in jobs))
        finally:  # where the request was given up, or one part failed, nobody waits any more
            for job in jobs:
                job.answer.cancel()
        return answers[0] if len(answers) == 1 else _joined(answers)

    async def close(self) -> None:
        """Answers what waits, and ends the thread."""
        self._closing = True
        self._arrived.set()
        if self._runner is not None:
            await self._runner
        await asyncio.to_thread(self._thread.shutdown)

    def _parts(self, arrays: Arrays, rows: int, key: Hashable) -> Sequence[Arrays]:
        """A request in parts that are no larger than a batch."""
        size = self._limits.batch
        if key is None or rows <= size:
            return [arrays]
        starts = range(0, rows, size)
        return [{name: a[k : k + size] for name, a in arrays.items()} for k in starts]

    def _job(self, call: Call, key: Hashable, arrays: Arrays) -> _Job:
        """A part as a job."""
        loop = asyncio.get_running_loop()
        rows = 1 if key is None else len(next(iter(arrays.values())))
        texts = [text for a in arrays.values() if a.dtype == object for text in a.flat]
        longest = max(map(len, texts), default=1)
        return _Job(call, key, arrays, rows, longest, loop.create_future(), loop.time())

    async def _run(self) -> None:
        """Computes batch after batch, until it is closed and nothing waits."""
        loop = asyncio.get_running_loop()
        while True:
            while not self._jobs:
                if self._closing:
                    return
                self._arrived.clear()
                await self._arrived.wait()
            await self._gathered(self._jobs[0].since + self._limits.wait)
            batch = self._take()
            if not batch:
                continue
            self._told(sum(job.rows for job in batch))
            answers = await loop.run_in_executor(self._thread, _compute, batch)
            for job, answer in zip(batch, answers, strict=True):
                if job.answer.done():
                    continue
                if isinstance(answer, BaseException):
                    job.answer.set_exception(answer)
                else:
                    job.answer.set_result(answer)

    async def _gathered(self, until: float) -> None:
        """Waits until there is a batch of examples, until a time, or until nothing more comes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                while self.waiting < self._limits.batch and not self._closing:
                    self._arrived.clear()
                    await self._arrived.wait()

    def _take(self) -> list[_Job]:
        """The job that has waited longest, and those that fit into a batch with it."""
        batch: list[_Job] = []
        rest: collections.deque[_Job] = collections.deque()
        rows = longest = 0
        for job in self._jobs:
            if job.answer.done():  # its request was given up
                continue
            alike = not batch or (job.key == batch[0].key and job.key is not None)
            wide = max(longest, job.longest)
            more = rows + job.rows
            fits = more <= self._limits.batch and more * wide <= self._limits.padded
            if alike and (fits or not batch):
                batch.append(job)
                rows, longest = more, wide
            else:
                rest.append(job)
        self._jobs = rest
        return batch


def _compute(batch: list[_Job]) -> list[dict[str, np.ndarray] | Exception]:
    """The answer, or the error, of each job."""
    if len(batch) > 1:
        with contextlib.suppress(Exception):  # of one of them: each then is computed by itself
            answer = batch[0].call(_joined([job.arrays for job in batch]))
            ends = np.cumsum([job.rows for job in batch])[:-1]
            pieces = {name: np.split(array, ends) for name, array in answer.items()}
            return [{name: p[k] for name, p in pieces.items()} for k in range(len(batch))]
    answers: list[dict[str, np.ndarray] | Exception] = []
    for job in batch:
        try:
            answers.append(job.call(job.arrays))
        except Exception as error:
            answers.append(error)
    return answers


def _joined(parts: Sequence[Arrays]) -> dict[str, np.ndarray]:
    """Arrays one after the other along the first axis."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

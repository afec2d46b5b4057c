"""Requests joined into batches: each gets its own answer, whatever becomes of the others."""

import asyncio
import threading

import numpy as np
import pytest

from nlpkit.serve.http.batching import Batcher
from nlpkit.serve.http.limits import Limits
from nlpkit.serve.http.refusal import Overloaded


class Doubling:
    """A model that doubles numbers, keeps the sizes of its batches, and waits until it may run."""

    def __init__(self):
        self.sizes, self.free = [], threading.Event()
        self.free.set()

    def __call__(self, arrays):
        assert self.free.wait(60)
        self.sizes.append(len(arrays["x"]))
        if (arrays["x"] < 0).any():
            raise ValueError("negative")
        return {"y": 2 * arrays["x"]}


def run(scenario, **limits):
    """Runs a scenario of a batcher and a model."""

    async def main():
        batcher, model = Batcher(Limits(**{"wait": 0.05, **limits})), Doubling()
        try:
            return await asyncio.wait_for(scenario(batcher, model), 60)
        finally:
            model.free.set()
            await batcher.close()

    return asyncio.run(main())


def ask(batcher, model, *numbers, key="doubling"):
    """A request."""
    return batcher.answer(model, {"x": np.array(numbers)}, key=key)


def test_requests_that_wait_are_computed_together_and_each_gets_its_own():
    async def scenario(batcher, model):
        return await asyncio.gather(*(ask(batcher, model, n, 10 * n) for n in range(5))), model

    answers, model = run(scenario)
    assert [a["y"].tolist() for a in answers] == [[2 * n, 20 * n] for n in range(5)]
    assert model.sizes == [10]


def test_no_batch_is_larger_than_allowed_and_a_larger_request_is_cut():
    async def scenario(batcher, model):
        requests = [ask(batcher, model, *range(n)) for n in (3, 11, 2)]
        return await asyncio.gather(*requests), model

    answers, model = run(scenario, batch=4)
    assert [a["y"].tolist() for a in answers] == [[2 * k for k in range(n)] for n in (3, 11, 2)]
    assert max(model.sizes) <= 4 and sum(model.sizes) == 16


def test_a_batch_that_is_full_waits_no_longer():
    async def scenario(batcher, model):
        return await asyncio.gather(*(ask(batcher, model, n) for n in range(4)))

    assert len(run(scenario, batch=4, wait=1e6)) == 4  # or it would time out


def test_requests_of_different_keys_are_not_joined_and_those_of_none_run_alone():
    async def scenario(batcher, model):
        keys = ("a", "b", "a", None, None)
        await asyncio.gather(*(ask(batcher, model, 1, key=key) for key in keys))
        return model.sizes

    assert sorted(run(scenario)) == [1, 1, 1, 2]


def test_an_error_reaches_the_request_that_caused_it_and_no_other():
    async def scenario(batcher, model):
        requests = [ask(batcher, model, n) for n in (1, -1, 3)]
        return await asyncio.gather(*requests, return_exceptions=True)

    first, error, last = run(scenario)
    assert (first["y"].tolist(), last["y"].tolist()) == ([2], [6])
    assert isinstance(error, ValueError)


def test_what_does_not_fit_into_the_queue_is_refused_at_once_and_the_rest_answered():
    async def scenario(batcher, model):
        model.free.clear()
        busy = asyncio.create_task(ask(batcher, model, 1))
        await asyncio.sleep(0.2)  # it is being computed
        waiting = [asyncio.create_task(ask(batcher, model, n)) for n in (2, 3)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded) as refused:
            await ask(batcher, model, 4)
        assert refused.value.headers["Retry-After"] == "1" and refused.value.status == 503
        model.free.set()
        return await asyncio.gather(busy, *waiting)

    assert [a["y"].tolist() for a in run(scenario, queue=2)] == [[2], [4], [6]]


def test_a_request_that_is_given_up_is_not_computed():
    async def scenario(batcher, model):
        model.free.clear()
        busy = asyncio.create_task(ask(batcher, model, 1))
        await asyncio.sleep(0.2)
        given_up = asyncio.create_task(ask(batcher, model, 2))
        await asyncio.sleep(0)
        given_up.cancel()
        model.free.set()
        await busy
        await ask(batcher, model, 3)
        return model.sizes

    assert run(scenario) == [1, 1]


def test_what_has_arrived_is_answered_before_it_closes():
    async def scenario():
        batcher, model = Batcher(Limits(wait=0.2)), Doubling()
        request = asyncio.create_task(ask(batcher, model, 4))
        await asyncio.sleep(0)
        await batcher.close()
        return (await asyncio.wait_for(request, 60))["y"].tolist()

    assert asyncio.run(scenario()) == [8]

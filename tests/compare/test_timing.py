"""Interleaved timing, with a clock that only the calls move."""

import pytest

from nlpkit.compare import timing
from nlpkit.compare.timing import time_interleaved
from tests.compare.clock import Clock


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch, timing)


def test_the_first_call_is_kept_apart(clock):
    times = time_interleaved({"a": clock.call(5.0, 1.0)}, rounds=4, seconds=100.0)["a"]
    assert (times.first_seconds, times.median_ms, times.rounds) == (5.0, 1000.0, 4)


def test_median_and_quartiles_are_those_of_the_rounds(clock):
    times = time_interleaved({"a": clock.call(9, 9, 1, 2, 3, 4, 50)}, rounds=5, seconds=1e9)["a"]
    assert (times.low_ms, times.median_ms, times.high_ms) == (2000.0, 3000.0, 4000.0)


def test_short_calls_are_timed_in_bulk(clock):
    times = time_interleaved({"a": clock.call(0.001)}, rounds=3, seconds=1.0)["a"]
    assert times.calls == 10
    assert times.median_ms == pytest.approx(1.0)


@pytest.mark.parametrize(("rounds", "done"), [(3, 3), (5, 5), (50, 5)])
def test_five_rounds_are_run_however_long_they_take(clock, rounds, done):
    calls = {"a": clock.call(1.0), "b": clock.call(2.0)}
    times = time_interleaved(calls, rounds=rounds, seconds=0.5)
    assert {one.rounds for one in times.values()} == {done}


def test_everyone_takes_a_turn_in_every_round_and_the_order_changes(clock):
    order = []

    def call(name):
        def called():
            order.append(name)
            clock.now += 1.0

        return called

    time_interleaved({name: call(name) for name in "abc"}, rounds=8, seconds=1e9)
    rounds = ["".join(order[start : start + 3]) for start in range(6, len(order), 3)]
    assert all(sorted(turns) == ["a", "b", "c"] for turns in rounds)
    assert len(rounds) == 8 and len(set(rounds)) > 2

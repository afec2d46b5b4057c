"""Files that nobody would write, made by chance from files that somebody would.

`NLPKIT_FUZZ=10000 python -m pytest …` makes that many; CI makes few, the same ones each time.
"""

import contextlib
import os
import resource
import signal

from hypothesis import settings
from hypothesis import strategies as st

from nlpkit.errors import InputError

__all__ = ["bounded", "damaged", "fuzzed", "refused"]

LONG = "NLPKIT_FUZZ" in os.environ
SECONDS = 5
"""The longest that any input may take."""
MEMORY = 1 << 30
"""The most bytes that one input may add to the peak of the process."""


def fuzzed(examples: int) -> settings:
    """Settings for so many examples in CI, or for as many as NLPKIT_FUZZ says."""
    count = int(os.environ.get("NLPKIT_FUZZ", examples))
    return settings(max_examples=count, derandomize=not LONG, database=None, deadline=None)


class Hang(BaseException):
    """An input took too long; no handler of errors stops it."""


@contextlib.contextmanager
def bounded():
    """Ends what takes longer than `SECONDS`, and requires that memory stays bounded."""

    def end(*_):
        raise Hang

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) * 1024
    assert grown < MEMORY, f"{grown:,} bytes"


def refused(call) -> str | None:
    """Calls a function that may succeed, or refuse its input in one sentence, which is returned.

    Anything else that it raises goes on.
    """
    with bounded():
        try:
            call()
        except InputError as error:
            said = str(error)
            assert said and "\n" not in said.strip() and said.rstrip()[-1] in ".?)", said
            return said
    return None


@st.composite
def damaged(draw, contents, *, most=6):
    """One of some contents, changed in a few places: flipped, cut, doubled, moved, written over."""
    data = bytearray(draw(st.sampled_from(contents)))
    for _ in range(draw(st.integers(0, most))):
        where = draw(st.integers(0, max(0, len(data) - 1)))
        length = draw(st.integers(0, 40) | st.integers(0, 5000))
        change = draw(st.sampled_from(CHANGES))
        change(draw, data, where, length)
    return bytes(data)


def _flip(draw, data, where, length):
    if data:
        data[where] ^= 1 << draw(st.integers(0, 7))


def _cut(draw, data, where, length):
    del data[where:]


def _remove(draw, data, where, length):
    del data[where : where + length]


def _double(draw, data, where, length):
    data[where:where] = data[where : where + length]


def _move(draw, data, where, length):
    part = data[where : where + length]
    del data[where : where + length]
    to = draw(st.integers(0, len(data)))
    data[to:to] = part


def _write(draw, data, where, length):
    data[where : where + draw(st.integers(0, 8))] = draw(
        st.sampled_from(TOKENS) | st.binary(max_size=8)
    )


TOKENS = [
    b"\0", b"\xff" * 4, b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n", b'"', b",", b"\t",
    b"'", b"{", b"}", b"[", b"]", b":", b"null", b"NaN", b"1e999", b"-1", b"9" * 20, b"9" * 5000,
    b"[" * 3000, b"\\ud800", b"\\u0000", "가".encode(), "가".encode("cp949"), b"\xed\xa0\x80",
    b"__label__", b"../", b"PK\x03\x04", b"\x1f\x8b", b"PAR1", b"ARROW1\0\0", b"true",
    b"\x7f\xff\xff\xff", b"\0\0\0\x80",
]  # fmt: skip
CHANGES = [_flip, _cut, _remove, _double, _move, _write]

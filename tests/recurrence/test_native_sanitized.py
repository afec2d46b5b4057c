"""The kernel in C under the compiler's sanitizers, which see what no number shows."""

import functools
import subprocess
from pathlib import Path

import pytest

from nlpkit.recurrence.native.cpu import library

pytestmark = [pytest.mark.usefixtures("native"), pytest.mark.slow]

SOURCES = library.FILE.parent
DRIVER = Path(__file__).with_name("sanitized.c")
EACH = ("lstm_forward.c", "lstm_back.c")
"""What is compiled for each instruction set."""

OTHERS = ("memory.c", "rows.c", "team.c")
FLAGS = ("-std=gnu2x", "-O1", "-g", "-fno-sanitize-recover", "-fsanitize=address,undefined")
LEVELS = {"avx512": "-march=x86-64-v4", "avx2": "-march=x86-64-v3"}
"""By the name of the code; any other is for all processors."""


def run(*command):
    """Runs a command, and gives what it says if it fails."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


@pytest.fixture
def compiler(tmp_path):
    """The system's compiler with sanitizers; zig's has none for addresses."""
    source = tmp_path / "empty.c"
    source.write_text("int main(void) { return 0; }")
    try:
        failed = run("cc", *FLAGS, source, "-o", tmp_path / "empty") or run(tmp_path / "empty")
    except FileNotFoundError:
        failed = "there is no cc"
    if failed:
        pytest.skip(f"No C compiler with sanitizers: {failed.splitlines()[0]}")
    return functools.partial(run, "cc", *FLAGS, f"-I{SOURCES}")


def test_no_size_mask_or_dropout_makes_it_leave_its_memory(compiler, tmp_path):
    variant = library.variant()
    flags = [f"-DINSTRUCTIONS={variant}", *filter(None, [LEVELS.get(variant)])]
    objects = [tmp_path / f"{name}.o" for name in EACH]
    for name, target in zip(EACH, objects, strict=True):
        assert not compiler(*flags, "-c", SOURCES / name, "-o", target)
    one = tmp_path / "one.c"
    one.write_text(ONE.replace("VARIANT", variant))
    files = [one, *objects, *(SOURCES / name for name in OTHERS), DRIVER]
    assert not compiler(*files, "-lpthread", "-lm", "-o", tmp_path / "driver")
    assert not run(tmp_path / "driver")


ONE = """
#include "lstm.h"
int lstm_forward_VARIANT(const Lstm *);
int lstm_back_VARIANT(const Lstm *);
long lstm_trace_VARIANT(long);
const Variant *variant(void) {
  static const Variant one = {"VARIANT", lstm_forward_VARIANT, lstm_back_VARIANT,
                              lstm_trace_VARIANT};
  return &one;
}
"""

"""The kernel in C under the compiler's sanitizers, which see what no number shows."""

import functools
import itertools
import subprocess
from pathlib import Path

import pytest

from nlpkit.recurrence.native.cpu import library
from tests.recurrence.native_cases import NATIVE_CELLS

pytestmark = [pytest.mark.usefixtures("native"), pytest.mark.slow]

SOURCES = library.FILE.parent
DRIVER = Path(__file__).with_name("sanitized.c")
EACH = ("forward.c", "back.c")
"""What is compiled for each cell and instruction set."""

NAMES = [name.replace("-", "_") for name in NATIVE_CELLS]

OTHERS = ("memory.c", "rows.c", "team.c")
FLAGS = ("-std=gnu2x", "-O1", "-g", "-fno-sanitize-recover")
LEVELS = {"avx512": "-march=x86-64-v4", "avx2": "-march=x86-64-v3"}
"""By the name of the code; any other is for all processors."""


def run(*command):
    """Runs a command, and gives what it says if it fails."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


@pytest.fixture(params=["address,undefined", "thread"])
def compiler(request, tmp_path):
    """The system's compiler with sanitizers; zig's has none for addresses."""
    flags = *FLAGS, f"-fsanitize={request.param}"
    source = tmp_path / "empty.c"
    source.write_text("int main(void) { return 0; }")
    try:
        failed = run("cc", *flags, source, "-o", tmp_path / "empty") or run(tmp_path / "empty")
    except FileNotFoundError:
        failed = "there is no cc"
    if failed:
        pytest.skip(f"No C compiler with sanitizers: {failed.splitlines()[0]}")
    return functools.partial(run, "cc", *flags, f"-I{SOURCES}")


def test_no_size_mask_or_dropout_makes_it_leave_its_memory_or_two_threads_meet_in_it(
    compiler, tmp_path
):
    variant = library.variant()
    flags = [f"-DINSTRUCTIONS={variant}", *filter(None, [LEVELS.get(variant)])]
    objects = []
    for name, cell in itertools.product(EACH, NAMES):
        objects.append(tmp_path / f"{cell}_{name}.o")
        assert not compiler(*flags, f"-DCELL={cell}", "-c", SOURCES / name, "-o", objects[-1])
    cells = [f"{cell}_cell_{variant}" for cell in NAMES]
    one = tmp_path / "one.c"
    one.write_text(ONE % (", ".join(cells), variant, ", ".join(f"&{cell}" for cell in cells)))
    files = [one, *objects, *(SOURCES / name for name in OTHERS), DRIVER]
    assert not compiler(*files, "-lpthread", "-lm", "-o", tmp_path / "driver")
    assert not run(tmp_path / "driver")


ONE = """
#include "recurrence.h"
extern const Cell %s;
static const Variant one = {"%s", {%s}};
const Variant *variant(void) { return &one; }
"""

"""Kills a training at random moments, resumes it, and compares its numbers with undisturbed ones.

    python tests/kill_test.py sentiment --kills 20
    python tests/kill_test.py next-word --kills 20

The data are small and made here. Each kill is a SIGKILL at a random moment, mostly of the training,
now and then before it; after each, every checkpoint must load. The exit status is 0 if `test` of
metrics.json and training.csv are those of the run that was left alone.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

TRAININGS = {
    "sentiment": ["--units", "8", "--embedding", "8", "--epochs", "60", "--patience", "60"],
    "next-word": ["--units", "16", "--layers", "2", "--epochs", "60", "--steps", "8"],
}
TRAINS = ("resuming at", "epoch ")
"""How lines begin that are said in the training, or right before."""
EARLY = 15  # seconds in which a run has hardly begun


def main() -> int:
    """Runs the test that the command line asks for; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("recipe", choices=TRAININGS)
    parser.add_argument("--kills", type=int, default=20, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the moments")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        data = make_data(options.recipe, Path(folder))
        alone = run(options.recipe, data, Path(folder) / "alone")
        seconds = [time.monotonic() for line in alone.stderr if line.startswith(TRAINS)]
        alone.wait()
        span = 2 * (seconds[-1] - seconds[0]) / options.kills  # so that all kills are within
        out = Path(folder) / "killed"
        for number in range(1, options.kills + 1):
            child = run(options.recipe, data, out, "--resume")
            if draw.random() < 0.8:
                said = [begins(child.stderr)]
                time.sleep(draw.uniform(0, span))
            else:
                said = []
                time.sleep(draw.uniform(0, EARLY))
            print(f"kill {number}: {kill(child, said, out)}", flush=True)
        run(options.recipe, data, out, "--resume").wait()
        same = numbers(out) == numbers(Path(folder) / "alone")
    print("the numbers are", "equal" if same else "NOT equal")
    return int(not same)


def make_data(recipe: str, folder: Path) -> Path:
    """Writes a small data set for a recipe, always the same."""
    draw = random.Random(1)
    if recipe == "sentiment":
        path, lines = folder / "reviews.csv", ["text,label"]
        words = {1: ("fine", "great", "odd"), 0: ("dull", "bad", "odd")}
        lines += [f"a {draw.choice(words[n % 2])} film {n},{n % 2}" for n in range(400)]
    else:
        path, lines = folder / "book.txt", []
        for _ in range(900):
            animal, place = draw.choice(("cat", "dog")), draw.choice(("away", "home"))
            lines.append(f"the {animal} saw {draw.randrange(40)} birds and ran {place} .")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(recipe: str, data: Path, out: Path, *more: str) -> subprocess.Popen:
    """Starts a training; a checkpoint is written after nearly each second."""
    options = [*TRAININGS[recipe], "--checkpoint-minutes", "0.01", *more]
    return subprocess.Popen(
        [sys.executable, "-m", "nlpkit", recipe, "--data", data, "--out", out, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def begins(lines: Iterable[str]) -> str:
    """The first line that a training says once it has begun."""
    return next((line for line in lines if line.startswith(TRAINS)), "")


def kill(child: subprocess.Popen, said: list[str], out: Path) -> str:
    """Kills a run; returns where, after everything on the disk was loaded."""
    ended = child.poll() is not None
    child.send_signal(signal.SIGKILL)
    said += child.communicate()[1].splitlines()
    assert not any("Traceback" in line for line in said), said
    last = said[-1].strip() if said else "nothing said"
    return f"{'ended already' if ended else last}; checkpoints: {loaded(out)}"


def loaded(out: Path) -> list[str]:
    """The names of the checkpoints of a run, each of which was read whole."""
    files = sorted(out.with_name(f".{out.name}.checkpoint").glob("*.npz"))
    for path in files:
        with np.load(path) as stored:
            assert all(stored[name].nbytes or not stored[name].size for name in stored.files)
    return [path.stem for path in files]


def numbers(out: Path) -> tuple[dict, bytes]:
    """What must not depend on interruptions."""
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    return metrics["test"], (out / "training.csv").read_bytes()


if __name__ == "__main__":
    sys.exit(main())

"""Kills a training at random moments, resumes it, and compares its numbers with undisturbed ones.

    python tests/kill_test.py sentiment --kills 20
    python tests/kill_test.py next-word --kills 20

The data are small and made here. Each kill is a SIGKILL after a random time; after each, every
checkpoint must load. The exit status is 0 if `test` of metrics.json and training.csv are those of
the run that was left alone.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

TRAININGS = {
    "sentiment": ["--units", "8", "--embedding", "8", "--epochs", "60", "--patience", "60"],
    "next-word": ["--units", "16", "--layers", "2", "--epochs", "60", "--steps", "8"],
}


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
        begun = time.monotonic()
        run(options.recipe, data, Path(folder) / "alone").wait()
        whole = time.monotonic() - begun
        out = Path(folder) / "killed"
        places = []
        while len(places) < options.kills:
            child = run(options.recipe, data, out, "--resume")
            places.append(kill(child, draw.uniform(0.2, 1.0) * whole, out))
            print(f"kill {len(places)}: {places[-1]}", flush=True)
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


def kill(child: subprocess.Popen, seconds: float, out: Path) -> str:
    """Kills a training after a time; returns where, after everything on the disk was loaded."""
    time.sleep(seconds)
    ended = child.poll() is not None
    child.send_signal(signal.SIGKILL)
    _, said = child.communicate()
    assert "Traceback" not in said, said
    last = said.splitlines()[-1] if said else "nothing said"
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

"""A program: how soon a language model suggests words, on one core.

    python -m nlpkit.compare.one_suggestion MODEL "The quick brown"

`nlpkit compare generation` runs it.
"""

import dataclasses
import json
import os
import sys

__all__ = ["main"]

_CALLS = 300


def main(directory: str, prompt: str) -> None:
    """Prints the timing of `serving_default`, as `nlpkit.compare.timing` has it."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    import tensorflow as tf  # after it, so that its pools have one thread

    from nlpkit.compare.timing import time_interleaved

    loaded = tf.saved_model.load(directory)
    suggest, text = loaded.signatures["serving_default"], tf.constant([prompt])
    call = {"suggest": lambda: suggest(text=text)["words"].numpy()}
    print(
        json.dumps(
            dataclasses.asdict(time_interleaved(call, rounds=_CALLS, seconds=10.0)["suggest"])
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

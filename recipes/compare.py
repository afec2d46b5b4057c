"""Ours beside Keras's and torch's: the same numbers, how fast, how large, how good.

    nlpkit compare                                              everything
    nlpkit compare speed --cells lstm,gru --shape 32,200,128,128 --json speed.json --out pictures
    nlpkit compare quality --data reviews.csv --seeds 3

`parity` draws configurations of each layer and requires the outputs, states and gradients of that
of Keras or torch. `speed` times nlpkit's layer, Keras's and, where torch is installed, torch's, in
turns; `exported` times models that were exported and loaded, without XLA; `scan` times the cells
that are linear in their state by a scan and by loops. `memory` trains each in a process of its own
and reads how much it held. `quality` trains the sentiment recipe with each cell from the same
seeds. `generation` has a language model write in the graph, by a Python loop and by Keras's
predict.

A figure depends on the machine, so what comes out says which one it was, and what ran.
"""

import sys

import nlpkit
from nlpkit import options
from nlpkit.compare import options as compare_options


def main(
    benchmark: compare_options.BenchmarkName = None,
    *,
    json: compare_options.Json = None,
    out: compare_options.Out = None,
    quick: compare_options.Quick = False,
    cells: compare_options.Cells = None,
    shape: compare_options.Shapes = None,
    rounds: compare_options.Rounds = None,
    configurations: compare_options.Configurations = None,
    data: options.Data = None,
    seeds: compare_options.Seeds = None,
    seed: options.Seed = 0,
    quiet: options.Quiet = False,
) -> None:
    """Set the layers beside Keras's and torch's."""
    plan = nlpkit.compare.Plan.of(
        quick=quick,
        cells=cells,
        shapes=shape,
        rounds=rounds,
        configurations=configurations,
        data=data,
        seeds=seeds,
        seed=seed,
    )
    report = nlpkit.compare.Report(plan, json=json, out=out)
    names = [benchmark] if benchmark else nlpkit.compare.BENCHMARKS
    benchmarks = {name: nlpkit.compare.load(name) for name in names}
    for compared in benchmarks.values():
        compared.require(plan)
    for name, compared in benchmarks.items():
        found = compared.measure(plan, lambda words: nlpkit.run.say(words, quiet=quiet))
        print(*compared.table(found, nlpkit.run.terminal_width(sys.stdout)), "", sep="\n")
        report.add(name, found, compared.picture(found))
        compared.check(found)

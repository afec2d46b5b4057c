"""nlpkit's layers compared with Keras's, torch's and each other: numbers, speed, memory, quality.

    nlpkit compare                                              everything
    nlpkit compare --minutes 10 --out report                    everything, in smaller sizes
    nlpkit compare speed --cells lstm,gru --shape 32,200,128,128 --json speed.json --out pictures
    nlpkit compare quality --cells lstm,gru --recipes next-word --seeds 3

`parity` makes random configurations of each layer and requires the outputs, states and gradients of
Keras's or torch's. `speed` times nlpkit's layer, Keras's and, if torch is installed, torch's, in
alternation; `exported` times models that were exported and loaded, without XLA; `scan` times the
cells that are linear in their state by a parallel scan and by loops. `memory` runs training steps
of each layer in a process of its own and reads how much memory it held. `quality` trains both
recipes with each cell from the same seeds, and compares the models by paired tests. `generation`
times a language model that writes in the graph, by a Python loop and by Keras's `predict`.
`gradients` follows the gradient of a loss back through a hundred steps of some cells: where it
vanishes, where it explodes and what keeps it.
`long-lag` repeats experiments of the LSTM's paper: how many sequences of a hundred steps a cell
learns from until it knows what to remember, beside the figures of 1997; a vanilla RNN takes the
time, since it fails.

Figures depend on the machine, so the JSON file describes it, and says what ran.
"""

import math
import sys

import nlpkit
from nlpkit import options
from nlpkit.compare import options as compare_options
from nlpkit.errors import InputError, counted


def main(
    benchmark: compare_options.BenchmarkName = None,
    *,
    json: compare_options.Json = None,
    out: compare_options.Out = None,
    quick: compare_options.Quick = False,
    minutes: compare_options.Minutes = None,
    cells: compare_options.Cells = None,
    shape: compare_options.Shapes = None,
    rounds: compare_options.Rounds = None,
    configurations: compare_options.Configurations = None,
    recipes: compare_options.Recipes = None,
    data: options.Data = None,
    tasks: compare_options.Tasks = None,
    lag: compare_options.Lag = None,
    seeds: compare_options.Seeds = None,
    seed: options.Seed = 0,
    quiet: options.Quiet = False,
) -> None:
    """Compare the layers with Keras's and torch's."""
    if quick and minutes:
        raise InputError("`--minutes` chooses the sizes, so it must not go with `--quick`.")
    given = {
        "cells": cells,
        "shapes": shape,
        "rounds": rounds,
        "configurations": configurations,
        "recipes": recipes,
        "data": data,
        "tasks": tasks,
        "lag": lag,
        "seeds": seeds,
        "seed": seed,
    }
    if benchmark:
        nlpkit.compare.check_read(benchmark, given)
    plan = nlpkit.compare.Plan.of(quick=quick, **given)
    report = nlpkit.compare.Report(plan, json=json, out=out)
    names = [benchmark] if benchmark else nlpkit.compare.BENCHMARKS
    benchmarks = {name: nlpkit.compare.load(name) for name in names}
    for each in benchmarks.values():
        each.require(plan)
    budget = minutes and nlpkit.compare.Budget(minutes, benchmarks)
    if budget and budget.least > minutes:
        least = math.ceil(budget.least)
        nlpkit.run.say(
            f"note: the smallest sizes take up to {counted(least, 'minute')} on two cores"
        )
    for done, (name, each) in enumerate(benchmarks.items()):
        if budget:
            plan = budget.plan(name, **given)
        with nlpkit.compare.progress(name, done, len(benchmarks), quiet=quiet) as say:
            results = each.measure(plan, say)
        print(*each.table(results, nlpkit.run.terminal_width(sys.stdout)), "", sep="\n")
        report.add(name, plan, results)
        each.check(results)

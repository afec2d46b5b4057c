"""nlpkit's layers compared with Keras's, torch's and each other: numbers, speed, memory, quality.

benchmark.py        what a benchmark is, the table of all, and the plan of what to measure
parity.py           the same outputs, states and gradients for equal weights
  configuration.py  random configurations of a layer
gradients.py        how much of a gradient is left some steps back
long_lag.py         how many sequences a cell needs to learn to remember
  long_lag_report.py  tables and picture of these
speed.py            times of the layers, and their lower bound
  speed_report.py   tables and picture of these
exported.py         times of exported models
scan.py             a parallel scan compared with loops
memory.py           memory of training steps
quality.py          the recipes with each layer, and paired tests
generation.py       text from a language model, in several ways
implementations.py  the layers that are compared
keras_adapter.py    Keras layers, ours and Keras's own, as calls that can be timed
torch_adapter.py    modules of torch.nn as calls that can be timed
workload.py         the sizes and the arrays for all implementations
timing.py           interleaved timing, and ratios of times
child_process.py    measurements in processes of their own
contents.py         paragraphs, tables and lists, for a terminal or a page
budget.py           which size of a benchmark there is time for
progress.py         lines and a bar on standard error
report.py           the JSON file, the pictures, the page, and the machine's description
options.py          the options of the command line

A benchmark is one file and one entry of `BENCHMARKS`. Its table and its picture are made from its
results, which are JSON, alone.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "benchmark": ["BENCHMARKS", "READERS", "Benchmark", "Plan", "Size", "check_read", "load"],
        "budget": ["Budget"],
        "progress": ["progress"],
        "report": ["Report", "run_metadata"],
        "workload": ["QUICK", "SHAPES", "Shape"],
    },
)

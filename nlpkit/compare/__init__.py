"""Ours beside Keras's and torch's: the same numbers? how fast? how much memory? how good?

A benchmark is one file and one entry of `BENCHMARKS`. Its table and its picture are drawn from the
figures that it measures, which are JSON, and from nothing else.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "report": ["Report", "run_metadata"],
        "workload": ["QUICK", "SHAPES", "Shape"],
        "benchmark": ["BENCHMARKS", "Benchmark", "Plan", "load"],
    },
)

"""A clock that only the calls under test move, so that timings are exact."""


class Clock:
    """Replaces the time of a module; `now` is moved by whoever takes time.

    Args:
        monkeypatch: pytest's.
        module: A module that has imported `time`.
    """

    def __init__(self, monkeypatch, module):
        self.now = 0.0
        monkeypatch.setattr(module, "time", self)

    def perf_counter(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds

    def call(self, *durations):
        """A call that takes the durations in turn, and the last one from then on."""
        left = list(durations)

        def call():
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return call

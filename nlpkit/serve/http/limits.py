"""What a server takes from its clients before it refuses."""

import dataclasses

__all__ = ["DEFAULTS", "Limits"]


@dataclasses.dataclass(frozen=True)
class Limits:
    """Bounds that keep memory and waiting times finite, whatever clients send.

    Attributes:
        body: Bytes of a request. Default 1 MiB.
        text: Bytes of one text. Default 100,000.
        rows: Examples of a request. Default 1,024.
        padded: Bytes of the texts that are computed together, each padded to the longest, which
            bounds their memory. Default 1 MiB.
        values: Numbers of an answer. Default 1,000,000.
        words: Words to generate, and the width of a beam search times its words. Default 1,000.
        queue: Examples that wait, of all clients together; beyond, requests are refused with
            status 503 and the header `Retry-After`. Default 1,024.
        timeout: Seconds from a request's arrival to its answer. Default 30.
        batch: Examples that are computed together. Default 64.
        wait: Seconds that an example waits for others to be computed with. Default 0.002.
    """

    body: int = 1 << 20
    text: int = 100_000
    rows: int = 1024
    padded: int = 1 << 20
    values: int = 1_000_000
    words: int = 1000
    queue: int = 1024
    timeout: float = 30.0
    batch: int = 64
    wait: float = 0.002


DEFAULTS = Limits()
"""What a server takes unless it is told otherwise."""

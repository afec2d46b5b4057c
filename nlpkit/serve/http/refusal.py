"""The error for a request that gets no answer."""

__all__ = ["Overloaded", "Refusal"]


class Refusal(Exception):
    """A request that is refused.

    Args:
        message: A sentence for the client.
        status: The status code of the answer. Default 400.
    """

    headers: dict[str, str] = {}

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Overloaded(Refusal):
    """A request that would be answered at a quieter time.

    Args:
        message: A sentence for the client.
    """

    headers = {"Retry-After": "1"}

    def __init__(self, message: str) -> None:
        super().__init__(message, 503)

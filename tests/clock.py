"""Time that passes when the test says so."""


class Clock:
    """Seconds, as a monotonic clock gives them."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

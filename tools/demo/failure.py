"""What the demo says of itself must be so: claims, and what happens when one does not hold."""

from __future__ import annotations


class DemoFailedError(Exception):
    """Something is not as the demo tells.

    Args:
        claim: What should be so.
        seen: What is there instead, for a person.
    """

    def __init__(self, claim: str, seen: object) -> None:
        super().__init__(claim, seen)
        self.claim = claim
        self.seen = str(seen)


def claim(is_so: object, what: str, seen: object) -> None:
    """Go on if it is so.

    Args:
        is_so: Anything; false when empty or zero.
        what: The claim, as a sentence.
        seen: What was seen, shown if it is not so.

    Raises:
        DemoFailedError: It is not so.
    """
    if not is_so:
        raise DemoFailedError(what, seen)

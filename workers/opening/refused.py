"""Why a file that opens is not handed over all the same."""


class Refused(Exception):
    """The file holds what could harm whoever opens it; says what, and what to write instead."""

    def __init__(self, reason: str, found: str, instead: str) -> None:
        super().__init__(f"{found} {instead}")
        self.reason = reason

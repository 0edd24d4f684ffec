"""What a run printed: bounded while it comes, harmless when it is shown."""

import re

END_BYTES = 32 * 1024  # kept from the beginning, and as much from the end

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Ends:
    """The first and the last bytes of a stream of any length."""

    def __init__(self) -> None:
        self.seen = 0
        self._first = bytearray()
        self._last = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.seen += len(chunk)
        room = END_BYTES - len(self._first)
        self._first += chunk[:room]
        self._last += chunk[room:] if room > 0 else chunk
        del self._last[:-END_BYTES]

    def text(self) -> str:
        """Return the text, with a note in the middle when bytes were left out."""
        left_out = self.seen - len(self._first) - len(self._last)
        if not left_out:
            return clean((self._first + self._last).decode(errors="replace"))

        first, last = (part.decode(errors="replace") for part in (self._first, self._last))
        return clean(f"{first}\n[… {left_out} bytes left out …]\n{last}")


def clean(text: str) -> str:
    """Take terminal escapes and control characters out; lines and tabs stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", _ESCAPES.sub("", text))

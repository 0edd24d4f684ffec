"""What a browser makes of the bytes: the parser of the HTML standard, section 9.2.6."""

import json
import re
from dataclasses import dataclass
from typing import Any

LINE_END = re.compile(b"\r\n|\n|\r")
BLANK = re.compile(b"(?>\r\n|\n|\r){2}")


@dataclass(frozen=True, slots=True)
class Frame:
    """The lines between two blank ones, field by field; a comment is the field ''."""

    raw: bytes

    @property
    def lines(self) -> list[tuple[str, str]]:
        """(field, value), one leading space taken off."""
        split = [line.decode(errors="replace") for line in LINE_END.split(self.raw)]
        pairs = [line.partition(":") for line in split if line]
        return [(name, value.removeprefix(" ")) for name, _, value in pairs]

    def field(self, name: str) -> str | None:
        """The last value of a field."""
        values = [value for field, value in self.lines if field == name]
        return values[-1] if values else None

    @property
    def data(self) -> str | None:
        """The data as it is dispatched; None when there is nothing to dispatch."""
        values = [value for field, value in self.lines if field == "data"]
        return "\n".join(values) or None

    @property
    def event(self) -> str:
        """The event's type."""
        return self.field("event") or "message"

    @property
    def state(self) -> Any:
        """The data read as JSON; None when it is no JSON."""
        try:
            return json.loads(self.data or "")
        except ValueError:
            return None


class Parser:
    """Cuts bytes into frames, wherever they were torn."""

    def __init__(self) -> None:
        self.raw = b""
        self._rest = b""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that these bytes complete."""
        self.raw += data
        *whole, self._rest = BLANK.split(self._rest + data)
        return [Frame(raw) for raw in whole if raw]

    @property
    def rest(self) -> bytes:
        """What no blank line has ended; a browser throws it away."""
        return self._rest

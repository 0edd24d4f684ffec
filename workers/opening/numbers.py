"""A cell's value as a spreadsheet shows it, by its number format (ECMA-376, 18.8.31)."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

GENERAL_DIGITS = 10
LENGTH = 1000
LARGEST = 1e15  # beyond it a spreadsheet changes to powers of ten
LARGEST_WHOLE = 10**300  # Python knows larger ones, a spreadsheet does not

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|[_*].|\[\$([^\]-]*)[^\]]*\]|\[[^\]hms]*\]')
_SECTION_END = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*\Z)')
_DIGITS = re.compile(r"[0#?][0#?,]*(?:\.[0#?]*)?,*|\.[0#?]+,*")
_CLOCK = re.compile(r"AM/PM|\[?([yYmMdDhHsS])\1*\]?|\.0+", re.IGNORECASE)


def shown(value: Any, number_format: str = "General") -> str:
    """The text of a value; a format that is not understood gives the plain value."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case int() | float():
            return _number(min(max(value, -LARGEST_WHOLE), LARGEST_WHOLE), number_format)
        case datetime() | date() | time():
            return _moment(value, number_format)
        case timedelta():
            return _duration(value)
        case _:
            return str(value)[:LENGTH]


def _number(value: float, number_format: str) -> str:
    sections = _sections(number_format)
    section, rest = sections[0], value
    if value < 0 and len(sections) > 1:
        section, rest = sections[1], -value  # the section itself says how a minus looks
    elif value == 0 and len(sections) > 2:
        section = sections[2]

    if not section:
        return ""

    text, literals = _without_literals(section)
    found = _DIGITS.search(text)
    is_plain = "General" in section or "E+" in text or "/" in text or abs(value) >= LARGEST
    if is_plain or text == "@" or (found is None and not literals):
        return _general(value)
    if found is None:
        return _restored(text, literals)

    digits = _digits(rest, found[0], percents=text.count("%"))
    sign = "-" if rest < 0 and digits.strip("0.,") else ""
    return sign + _restored(text[: found.start()] + digits + text[found.end() :], literals)


def _digits(value: float, pattern: str, *, percents: int) -> str:
    whole, _, decimals = pattern.rstrip(",").partition(".")
    thousands = len(pattern) - len(pattern.rstrip(","))  # commas at the end divide
    scaled = abs(value) * 100**percents / 1000**thousands
    grouping = "," if "," in whole else ""
    digits = f"{scaled:{grouping}.{len(decimals)}f}"
    optional = len(decimals) - len(decimals.rstrip("#?"))
    if optional:
        kept = len(digits) - optional
        digits = digits[:kept] + digits[kept:].rstrip("0")

    head, point, tail = digits.rstrip(".").partition(".")
    head = head.lstrip("0").rjust(whole.count("0"), "0") if not grouping else head
    return (head or ("" if point else "0" * whole.count("0"))) + point + tail


def _general(value: float) -> str:
    if isinstance(value, int) and abs(value) < 10**11:
        return str(value)

    return f"{value:.{GENERAL_DIGITS}g}".replace("e+", "E+").replace("e-", "E-")


def _moment(value: datetime | date | time, number_format: str) -> str:
    text, literals = _without_literals(_sections(number_format)[0])
    if not _CLOCK.search(text) or "General" in text:
        return _plain_moment(value)

    at = value if isinstance(value, datetime) else _as_datetime(value)
    has_halves = "AM/PM" in text.upper()
    pieces = list(_CLOCK.finditer(text))
    out, end = "", 0
    for n, piece in enumerate(pieces):
        is_minute = piece[0].lower() in ("m", "mm") and _is_minute(pieces, n)
        out += text[end : piece.start()] + _clocked(at, piece[0].lower(), is_minute, has_halves)
        end = piece.end()

    return _restored(out + text[end:], literals)


def _is_minute(pieces: list[re.Match[str]], n: int) -> bool:
    before = pieces[n - 1][0].lower().strip("[]") if n else ""
    after = pieces[n + 1][0].lower() if n + 1 < len(pieces) else ""
    return before.startswith("h") or after.startswith("s")


def _clocked(at: datetime, word: str, is_minute: bool, has_halves: bool) -> str:
    if is_minute:
        return f"{at.minute:0{len(word)}}"

    hour = (at.hour % 12 or 12) if has_halves else at.hour
    known = {
        "yyyy": f"{at.year:04}", "yy": f"{at.year % 100:02}",
        "mmmm": f"{at:%B}", "mmm": f"{at:%b}", "mm": f"{at.month:02}", "m": f"{at.month}",
        "dddd": f"{at:%A}", "ddd": f"{at:%a}", "dd": f"{at.day:02}", "d": f"{at.day}",
        "hh": f"{hour:02}", "h": f"{hour}", "[h]": f"{at.hour}", "[hh]": f"{at.hour:02}",
        "ss": f"{at.second:02}", "s": f"{at.second}", "am/pm": "AM" if at.hour < 12 else "PM",
    }  # fmt: skip
    return known.get(word, "")


def _as_datetime(value: date | time) -> datetime:
    if isinstance(value, time):
        return datetime.combine(date(1900, 1, 1), value)

    return datetime(value.year, value.month, value.day)


def _plain_moment(value: datetime | date | time) -> str:
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()

    return value.isoformat(" ", "seconds") if isinstance(value, datetime) else value.isoformat()


def _duration(value: timedelta) -> str:
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _sections(number_format: str) -> list[str]:
    return _SECTION_END.split(number_format[:LENGTH])


def _without_literals(section: str) -> tuple[str, list[str]]:
    """Put what stands for itself out of the way: a quoted d is no day."""
    literals: list[str] = []

    def keep(found: re.Match[str]) -> str:
        literals.append(found[1] or found[2] or found[3] or "")
        return chr(0xE000 + len(literals) - 1)

    return _LITERAL.sub(keep, section[:LENGTH]), literals


def _restored(text: str, literals: list[str]) -> str:
    for n, literal in enumerate(literals):
        text = text.replace(chr(0xE000 + n), literal)

    return text.strip()

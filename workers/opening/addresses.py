"""Where HYPERLINK leads: the address is in the formula, or at least its beginning.

What a cell holds can be anything by the time of the click; behind `https://` or `#` it is a page or
a place within all the same.
"""

import re
from collections.abc import Sequence

from workers.opening import links
from workers.opening.refused import Refused

LINK = re.compile(
    r"(?<!\w)HYPERLINK\s*\(\s*((?:CONCAT(?:ENATE)?\s*\(\s*)*)((?:\"\d+\"\s*(?:[&,]\s*)?)*)(.?)",
    re.IGNORECASE | re.DOTALL,
)
NUMBER = re.compile(r"\d+")


def check(bare: str, texts: Sequence[str]) -> None:
    """Check the links of a formula in which numbers stand for its texts."""
    for joined, pieces, following in LINK.findall(bare):
        first, comma, _ = pieces.partition(",")
        is_whole = not joined and (comma or (following == ")" and not first.endswith("&")))
        known = pieces if joined else first
        address = "".join(texts[int(number)] for number in NUMBER.findall(known)).strip()
        links.check(address.lstrip("["))
        if not is_whole and not links.is_settled(address):
            raise Refused(
                "odd_link",
                "A formula has a link whose address is put together when it is opened.",
                'Begin it with a text, HYPERLINK("https://…"&A1), or set cell.hyperlink.',
            )

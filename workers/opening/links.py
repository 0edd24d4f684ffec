"""Where a document may lead: to places that a person goes to by a click, and sees coming."""

import re
from urllib.parse import unquote

from workers.opening.refused import Refused

SCHEMES = ("", "http", "https", "mailto", "tel")  # none is a place within, or a file beside
BEFORE_A_PATH = re.compile(r"[^/\\?#]*")
SETTLED = re.compile(r"[:/?#]")  # what follows one of these is no scheme any more
UNSEEN = re.compile(r"[\x00-\x20\x7f]+")


def check(target: str) -> None:
    """Raise Refused for a link to a program, a script, or a disk that would ask for a password."""
    # Some readers decode a link before they look where it leads, others do not.
    for address in {target, unquote(target)}:
        if not _is_harmless(UNSEEN.sub("", address)):
            raise Refused(
                "odd_link",
                f"A link leads to {target.strip()[:100]!r}.",
                "Link to https://, http://, mailto: or tel: only.",
            )


def is_settled(beginning: str) -> bool:
    """Whether no continuation of an address that has passed the check makes it another kind."""
    return SETTLED.search(beginning) is not None


def _is_harmless(address: str) -> bool:
    scheme, colon, _ = BEFORE_A_PATH.match(address)[0].partition(":")  # type: ignore[index]
    if colon and scheme.lower() not in SCHEMES[1:]:
        return False

    return not address.startswith(("\\", "/"))

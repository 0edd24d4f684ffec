"""Where a document may lead: to places that a person goes to by a click, and sees coming."""

from urllib.parse import urlsplit

from workers.opening.refused import Refused

SCHEMES = ("", "http", "https", "mailto", "tel")  # none is a place within, or a file beside


def check(target: str) -> None:
    """Raise Refused for a link to a program, a script, or a disk that would ask for a password."""
    target = target.strip()
    try:
        scheme = urlsplit(target).scheme.lower()
    except ValueError:
        scheme = "?"
    if scheme not in SCHEMES or target.startswith(("\\", "//", "/")):
        raise Refused(
            "odd_link",
            f"A link leads to {target[:100]!r}.",
            "Link to https://, http://, mailto: or tel: only.",
        )

"""XML of strangers, read without resolving or fetching anything."""

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from lxml import etree

# A long sheet is a huge tree; the sandbox bounds time and memory.
SAFELY: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": True,
}


def elements(content: bytes, *tags: str) -> Iterator[Any]:
    """The elements of these local names, each as it ends.

    The content is UTF-8 without a document type, so a name that is not in its bytes is nowhere.
    """
    if not any(tag.encode() in content for tag in tags) or not _beginning(tags).search(content):
        return

    found = etree.iterparse(
        io.BytesIO(content),
        tag=[f"{{*}}{tag}" for tag in tags],
        **SAFELY,
    )
    for _, element in found:
        yield element
        element.clear(keep_tail=True)


def tree(content: bytes) -> Any:
    """The root of a part."""
    return etree.fromstring(content, etree.XMLParser(**SAFELY))


def check_form(content: bytes) -> None:
    """Raise XMLSyntaxError for what no reader would take; nothing is built of it."""
    parser = etree.XMLParser(target=_Nothing(), **SAFELY)
    parser.feed(content)
    parser.close()


class _Nothing:
    """Wants to hear of no element."""

    def close(self) -> None:
        """Return what was made of the part."""


@cache
def _beginning(tags: tuple[str, ...]) -> re.Pattern[bytes]:
    names = "|".join(map(re.escape, tags))
    return re.compile(rf"<(?:[^\s<>/:]+:)?(?:{names})[\s/>]".encode())

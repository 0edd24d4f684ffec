"""XML of strangers, read without resolving or fetching anything."""

import io
import re
from collections.abc import Iterable, Iterator
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
PREFIX = r"(?:[^\s<>/:]++:)?+"  # of the name of an element
Attributes = list[tuple[str, str]]  # by local names, of which one may stand there twice


def elements(content: bytes, *tags: str) -> Iterator[Any]:
    """The elements of these local names, each as it ends.

    The content is UTF-8 without a document type, so a name that is not in its bytes is nowhere.
    """
    if not _beginning(tags).search(content):
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


def name(element: Any) -> str:
    """The local name of an element."""
    return str(element.tag).rpartition("}")[2]


def attributes(element: Any) -> Attributes:
    """The attributes of an element, of whatever namespace."""
    return [(key.rpartition("}")[2], value) for key, value in element.attrib.items()]


def one_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, which looks at each letter once."""
    by_letter: dict[str, list[str]] = {}
    for word in words:
        by_letter.setdefault(word[:1], []).append(word[1:])
    is_end = by_letter.pop("", None) is not None
    branches = [re.escape(letter) + one_of(rest) for letter, rest in by_letter.items()]
    if not branches:
        return ""

    return f"(?:{'|'.join(branches)}){'?' if is_end else ''}"


@cache
def _beginning(tags: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile(rf"<(?!/){PREFIX}{one_of(tags)}[\s/>]".encode())

"""XML of strangers, read without resolving or fetching anything."""

import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from lxml import etree


def elements(content: bytes, *tags: str) -> Iterator[Any]:
    """The elements of these local names, each as it ends.

    The content is UTF-8 without a document type, so a name that is not in its bytes is nowhere.
    """
    if not any(tag.encode() in content for tag in tags) or not _beginning(tags).search(content):
        return

    found = etree.iterparse(
        io.BytesIO(content),
        tag=[f"{{*}}{tag}" for tag in tags],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,  # a long sheet is; the sandbox bounds time and memory
    )
    for _, element in found:
        yield element
        element.clear(keep_tail=True)


@cache
def _beginning(tags: tuple[str, ...]) -> re.Pattern[bytes]:
    names = "|".join(map(re.escape, tags))
    return re.compile(rf"<(?:[^\s<>/:]+:)?(?:{names})[\s/>]".encode())

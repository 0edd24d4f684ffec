"""Finds the elements of a document or a deck, as python-docx and python-pptx do, in less time."""

import functools
from collections.abc import Callable
from typing import Any

import docx.oxml.ns
import docx.oxml.xmlchemy
import docx.table
import pptx.oxml.ns
import pptx.oxml.xmlchemy
from lxml import etree

from workers.sandbox.speed import everywhere

PATHS = "*[]/."  # in a name, they make it one


def remember_names() -> None:
    """Let python-docx and python-pptx put each element's name together once, not 4,000 times."""
    for library in (docx.oxml.ns, pptx.oxml.ns):
        everywhere.replace("qn", library.qn, functools.cache(library.qn))


def find() -> None:
    """Let both look for children of several names in one pass, and compile an XPath once."""
    for xml, names, namespaces in (
        (docx.oxml.xmlchemy, docx.oxml.ns, docx.oxml.ns.nsmap),
        (pptx.oxml.xmlchemy, pptx.oxml.ns, pptx.oxml.ns._nsmap),
    ):
        element: Any = xml.BaseOxmlElement
        first_child = _first_child(names, element.first_child_found_in)
        everywhere.method(element, "first_child_found_in", first_child)
        everywhere.method(element, "xpath", _xpath(namespaces, element.xpath))


def list_cells() -> None:
    """Let python-docx list a table's cells, which it does for each, without asking what they span.

    A table in which something spans says so.
    """
    table: Any = docx.table.Table
    table._cells = property(_cells(table._cells.fget))


def _first_child(names: Any, one_by_one: Callable[..., Any]) -> Callable[..., Any]:
    @functools.lru_cache(256)
    def tags_of(tagnames: tuple[str, ...]) -> tuple[str, ...]:
        try:
            tags = tuple(names.qn(name) for name in tagnames)
        except (KeyError, ValueError):  # which may come after the one that is found
            return ()

        return () if any(mark in name for name in tagnames for mark in PATHS) else tags

    def first_child_found_in(self: Any, *tagnames: str) -> Any:
        tags = tags_of(tagnames)
        if not tags:
            return one_by_one(self, *tagnames)

        found = next(self.iterchildren(*tags), None)
        # Of several it is that of the first name, as if each were looked for by itself.
        while found is not None and (before := tags[: tags.index(found.tag)]):
            better = next(self.iterchildren(*before), None)
            if better is None:
                break
            found = better

        return found

    return first_child_found_in


def _xpath(namespaces: dict[str, str], plain: Callable[..., Any]) -> Callable[..., Any]:
    def xpath(self: Any, xpath_str: str) -> Any:
        find = None
        if isinstance(xpath_str, str):
            find = _compiled(xpath_str, *namespaces.items())  # a script may have added its own

        return plain(self, xpath_str) if find is None else find(self)

    return xpath


@functools.lru_cache(256)
def _compiled(path: str, *namespaces: tuple[str, str]) -> Any:
    if "(" in path:  # a function may be a script's own, and be gone the next time
        return None
    try:
        return etree.XPath(path, namespaces=dict(namespaces))
    except etree.XPathSyntaxError:
        return None


def _cells(spanning: Callable[..., Any]) -> Callable[..., Any]:
    spans = [docx.oxml.ns.qn(name) for name in ("w:gridSpan", "w:vMerge")]

    @functools.wraps(spanning)
    def cells(self: Any) -> Any:
        if not self._column_count or next(self._tbl.iter(*spans), None) is not None:
            return spanning(self)
        return [docx.table._Cell(cell, self) for cell in self._tbl.iter_tcs()]

    return cells

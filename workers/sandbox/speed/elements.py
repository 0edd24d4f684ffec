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
        element.first_child_found_in = _first_child(names)
        element.xpath = _xpath(namespaces)


def list_cells() -> None:
    """Let python-docx list a table's cells, which it does for each, without asking what they span.

    A table in which something spans says so.
    """
    table: Any = docx.table.Table
    table._cells = property(_cells(table._cells.fget))


def _first_child(ns: Any) -> Callable[..., Any]:
    def first_child_found_in(self: Any, *tag_names: str) -> Any:
        tags = [ns.qn(name) for name in tag_names]
        found = list(self.iterchildren(*tags)) if tags else []
        # Of several, that of the first name, as if each were looked for by itself.
        return min(found, key=lambda child: tags.index(child.tag), default=None)

    return first_child_found_in


def _xpath(namespaces: dict[str, str]) -> Callable[..., Any]:
    def xpath(self: Any, path: str) -> Any:
        try:
            find = _compiled(path, *namespaces.items())  # a script may have added its own
        except etree.XPathSyntaxError:
            return etree.ElementBase.xpath(self, path, namespaces=namespaces)  # its own error

        return find(self)

    return xpath


@functools.lru_cache(256)
def _compiled(path: str, *namespaces: tuple[str, str]) -> Any:
    return etree.XPath(path, namespaces=dict(namespaces))


def _cells(spanning: Callable[..., Any]) -> Callable[..., Any]:
    spans = [docx.oxml.ns.qn(name) for name in ("w:gridSpan", "w:vMerge")]

    def cells(self: Any) -> Any:
        if next(self._tbl.iter(*spans), None) is not None:
            return spanning(self)
        return [docx.table._Cell(cell, self) for cell in self._tbl.iter_tcs()]

    return cells

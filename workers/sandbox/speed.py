"""Makes the libraries faster where nobody can tell: in the warm parent, once for all runs."""

import functools
import operator
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any

import docx.oxml.ns
import docx.oxml.styles
import docx.oxml.xmlchemy
import docx.table
import pptx.oxml.ns
import pptx.oxml.xmlchemy
from lxml import etree
from openpyxl.descriptors.serialisable import Serialisable
from openpyxl.utils.indexed_list import IndexedList
from zlib_ng import zlib_ng


def compress() -> None:
    """Let what is imported, now or later, deflate by zlib-ng: a tenth of a document is that."""
    _replace("zlib", zlib, zlib_ng)
    _replace("crc32", zlib.crc32, zlib_ng.crc32)
    sys.modules["zlib"] = zlib_ng


def remember_names() -> None:
    """Let python-docx and python-pptx put each element's name together once, not 4,000 times."""
    for library in (docx.oxml.ns, pptx.oxml.ns):
        _replace("qn", library.qn, functools.cache(library.qn))


def find_elements() -> None:
    """Let both look for children of several names in one pass, and compile an XPath once."""
    for xml, names, namespaces in (
        (docx.oxml.xmlchemy, docx.oxml.ns, docx.oxml.ns.nsmap),
        (pptx.oxml.xmlchemy, pptx.oxml.ns, pptx.oxml.ns._nsmap),
    ):
        element: Any = xml.BaseOxmlElement
        element.first_child_found_in = _first_child(names)
        element.xpath = _xpath(namespaces)


def find_cells() -> None:
    """Let python-docx list a table's cells, which it does for each, without asking what they span.

    A table in which something spans says so.
    """
    table: Any = docx.table.Table
    table._cells = property(_cells(table._cells.fget))


def open_templates() -> None:
    """Have an empty document and an empty deck open: to read them was a tenth of each job."""
    for library, name in ((docx, "Document"), (pptx, "Presentation")):
        make = getattr(library, name)
        _replace(name, make, _open_already(make))


def find_styles() -> None:
    """Let openpyxl find a cell's style, and python-docx a paragraph's, without looking at each.

    Two styles are alike if their values are, which needs no XML of either; and a default style is
    among those that are marked as one.
    """
    Serialisable.__hash__ = _hash
    Serialisable.__eq__ = _soon_alike(Serialisable.__eq__)
    IndexedList.add = _add
    docx.oxml.styles.CT_Styles.default_for = _default_for  # type: ignore[method-assign]


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


def _open_already(make: Callable[..., Any]) -> Callable[..., Any]:
    waiting = [make()]

    @functools.wraps(make)
    def take(*template: Any, **named: Any) -> Any:
        if all(given is None for given in (*template, *named.values())):
            with suppress(IndexError):  # the second one, or of another thread
                return waiting.pop()
        return make(*template, **named)

    return take


def _hash(self: Serialisable) -> int:
    values = _values(self)
    try:
        return hash(values)
    except TypeError:  # most have no list
        return hash(tuple(tuple(v) if isinstance(v, list) else v for v in values))


def _soon_alike(is_like: Callable[[Serialisable, object], bool]) -> Callable[..., bool]:
    def compare(self: Serialisable, other: object) -> bool:
        if type(self) is type(other):
            mine, others = _values(self), _values(other)
            if mine == others and list(map(type, mine)) == list(map(type, others)):
                return True

        return is_like(self, other)

    return compare


def _add(self: Any, value: object) -> int:
    place: int | None = self._dict.get(value)  # to hash it is most of the work, so once
    if place is None:
        place = self._dict[value] = len(self)
        list.append(self, value)

    return place


def _values(style: Any) -> tuple[Any, ...]:
    return _getter(style.__class__)(style)


@functools.cache
def _getter(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    names = (*kind.__attrs__, *kind.__elements__)
    if len(names) > 1:
        return operator.attrgetter(*names)

    return lambda style: tuple(getattr(style, name) for name in names)


def _default_for(self: Any, style_type: object) -> object:
    marked = reversed(self.xpath("w:style[@w:default]"))
    return next((style for style in marked if style.type == style_type and style.default), None)


def _replace(name: str, old: object, new: object) -> None:
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and vars(module).get(name) is old:
            setattr(module, name, new)

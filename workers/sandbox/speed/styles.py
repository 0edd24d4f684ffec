"""Finds a cell's style, and a paragraph's, without a look at the XML of each."""

import functools
from collections.abc import Callable
from operator import attrgetter, ne
from typing import Any

import docx.oxml.styles
from openpyxl.descriptors.serialisable import Serialisable
from openpyxl.utils.indexed_list import IndexedList

from workers.sandbox.speed import everywhere


def compare() -> None:
    """Let openpyxl compare two styles by their values, and hash one once to add it."""
    everywhere.method(Serialisable, "__hash__", _hash)
    everywhere.method(Serialisable, "__eq__", _soon_alike(Serialisable.__eq__))
    everywhere.method(IndexedList, "add", _add)


def find_default() -> None:
    """Let python-docx look for a default style among those that are marked as one."""
    everywhere.method(docx.oxml.styles.CT_Styles, "default_for", _default_for)


def _hash(self: Serialisable) -> int:
    values = _values(self)
    try:
        return hash(values)
    except TypeError:  # most have no list
        return hash(tuple(tuple(v) if isinstance(v, list) else v for v in values))


def _soon_alike(is_like: Callable[[Any, object], bool]) -> Callable[..., bool]:
    def __eq__(self: Any, other: object) -> bool:
        if type(self) is type(other):
            mine, others = _values(self), _values(other)
            if list(map(type, mine)) == list(map(type, others)) and not any(map(ne, mine, others)):
                return True

        return is_like(self, other)

    return __eq__


def _values(style: Any) -> Any:
    # The series of a chart has elements of its own, by the kind of chart.
    return _getter(style.__attrs__, style.__elements__)(style)


@functools.cache
def _getter(attributes: tuple[str, ...], elements: tuple[str, ...]) -> Callable[..., Any]:
    names = (*attributes, *elements)
    if len(names) > 1:
        return attrgetter(*names)

    return lambda style: tuple(getattr(style, name) for name in names)


def _add(self: Any, value: object) -> int:
    place: int | None = self._dict.get(value)  # to hash it is most of the work, so once
    if place is None:
        place = self._dict[value] = len(self)
        list.append(self, value)

    return place


def _default_for(self: Any, style_type: object) -> object:
    marked = reversed(self.xpath("w:style[@w:default]"))
    return next((style for style in marked if style.type == style_type and style.default), None)

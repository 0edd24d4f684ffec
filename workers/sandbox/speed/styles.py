"""Finds a cell's style, and a paragraph's, without a look at the XML of each."""

import functools
import operator
from collections.abc import Callable
from typing import Any

import docx.oxml.styles
from openpyxl.descriptors.serialisable import Serialisable
from openpyxl.utils.indexed_list import IndexedList


def compare() -> None:
    """Let openpyxl compare two styles by their values, and hash one once to add it."""
    Serialisable.__hash__ = _hash
    Serialisable.__eq__ = _soon_alike(Serialisable.__eq__)
    IndexedList.add = _add


def find_default() -> None:
    """Let python-docx look for a default style among those that are marked as one."""
    docx.oxml.styles.CT_Styles.default_for = _default_for  # type: ignore[method-assign]


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


def _values(style: Any) -> tuple[Any, ...]:
    return _getter(style.__class__)(style)


@functools.cache
def _getter(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    names = (*kind.__attrs__, *kind.__elements__)
    if len(names) > 1:
        return operator.attrgetter(*names)

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

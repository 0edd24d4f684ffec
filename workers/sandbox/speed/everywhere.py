"""Puts one function in the place of another, so that it looks like the other."""

import functools
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def replace(name: str, old: object, new: object) -> None:
    """Replace it in every module that has imported it by this name."""
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and vars(module).get(name) is old:
            setattr(module, name, new)


def method(kind: Any, name: str, new: Callable[..., Any]) -> None:
    """Replace a method by one that errors call by the same name."""
    setattr(kind, name, functools.wraps(getattr(kind, name))(new))

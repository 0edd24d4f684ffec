"""Puts a function in the place of another, for every module that has imported it by name."""

import sys
from types import ModuleType


def replace(name: str, old: object, new: object) -> None:
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and vars(module).get(name) is old:
            setattr(module, name, new)

"""Opens strangers' files; nothing in here runs but in a confined child of the warm parent.

The warm parent loads it before it forks, so that a child has it though it cannot read our code.
It imports libraries and itself, nothing of the project.
"""

import importlib

MODULES = ("checks", "previews")


def load() -> None:
    """Import everything that a child may need."""
    for name in MODULES:
        importlib.import_module(f"{__name__}.{name}")

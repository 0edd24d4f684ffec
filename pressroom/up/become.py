"""Turns this process into one of the programs, so that signals reach it without a middleman."""

import os
import sys
from typing import NoReturn

from db.settings import child_environment


def become(module: str) -> NoReturn:
    """Replace this process by `python -m module`."""
    os.execve(sys.executable, [sys.executable, "-m", module], child_environment())  # noqa: S606

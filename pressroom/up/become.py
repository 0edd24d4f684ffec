"""Turns this process into one of the programs, so that signals reach it without a middleman."""

import os
import sys
from typing import NoReturn

from db.settings import child_environment


def become(module: str, *arguments: str) -> NoReturn:
    """Replace this process by `python -m module`."""
    command = [sys.executable, "-m", module, *arguments]
    os.execve(sys.executable, command, child_environment())  # noqa: S606

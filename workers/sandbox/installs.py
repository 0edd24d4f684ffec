"""`pip install` as code calls it: what is here already is installed, anything else is told of.

Many scripts begin with it, out of habit. No program starts; those that are not pip meet the kernel.
"""

import functools
import re
import shlex
import subprocess
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from itertools import takewhile
from typing import Any

from workers.sandbox import libraries

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Options of pip that take the next word along.
_WITH_VALUE = """
-r --requirement -c --constraint -i --index-url --extra-index-url -f --find-links -t --target
--timeout --retries --proxy --trusted-host --cert --client-cert --cache-dir --log --root --prefix
--src --python --python-version --platform --implementation --abi --progress-bar
--upgrade-strategy --no-binary --only-binary --root-user-action --report --exists-action
-e --editable -C --config-settings --use-feature --use-deprecated
"""
_INSTALLERS = ("pip", "setuptools", "wheel")
# How a shell ends a command, and what of it goes elsewhere.
_END = re.compile(r"[;&|()]+")
_ELSEWHERE = re.compile(r"[&|]?[<>]+[&|]?")


def answer() -> None:
    """Let the ways to wait for a program know pip without it."""
    for name in ("run", "call", "check_call", "check_output"):
        setattr(subprocess, name, _answering(getattr(subprocess, name), name))


def wanted(command: Any) -> list[str] | None:
    """Return the packages that a command would have pip install; None when it would not."""
    try:
        words = _of_shell(command) if isinstance(command, str) else list(map(str, command))
    except (TypeError, ValueError):
        return None

    if "install" not in words or not any(_is_pip(word) for word in words[:4]):
        return None

    return list(_packages(words[words.index("install") + 1 :]))


def missing(packages: Iterable[str]) -> str | None:
    """Return the first package that code could not import."""
    return next((name for name in packages if not find_spec(libraries.module_of(name))), None)


def _of_shell(command: str) -> list[str]:
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""

    return list(lexer)


def _is_pip(word: str) -> bool:
    return re.fullmatch(r"(.*/)?pip[0-9.]*", word) is not None


def _packages(words: list[str]) -> Iterable[str]:
    before = ""
    for word in takewhile(lambda word: not _END.fullmatch(word), words):
        found = _NAME.match(word)
        is_value = before in _WITH_VALUE.split() or _ELSEWHERE.fullmatch(before)
        # A number is a descriptor: 2>&1.
        if found and not is_value and not word.isdigit() and found[0] not in _INSTALLERS:
            yield found[0]
        before = word


def _answering(call: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(call)
    def answered(*given: Any, **named: Any) -> Any:
        packages = wanted(given[0] if given else named.get("args"))
        if packages is None:
            return call(*given, **named)

        gap = missing(packages)
        if gap and (name.startswith("check_") or named.get("check")):
            raise ModuleNotFoundError(f"No module named {gap!r}", name=gap)

        return _result(name, given, named, 1 if gap else 0)

    return answered


def _result(name: str, given: tuple[Any, ...], named: dict[str, Any], code: int) -> Any:
    is_text = any(named.get(word) for word in ("text", "universal_newlines", "encoding"))
    nothing = "" if is_text else b""
    if name == "check_output":
        return nothing
    if name != "run":
        return code

    return subprocess.CompletedProcess(given[0] if given else named["args"], code, nothing, nothing)

"""Makes the libraries faster where nobody can tell: in the warm parent, once for all runs."""

import functools
import sys
import zlib
from types import ModuleType

import docx.oxml.ns
import pptx.oxml.ns
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


def _replace(name: str, old: object, new: object) -> None:
    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and vars(module).get(name) is old:
            setattr(module, name, new)

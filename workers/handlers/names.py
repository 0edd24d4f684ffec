"""The name of the file that a script is to write."""

import re
import unicodedata

_UNSAFE = re.compile(r'[\s\x00-\x1f\x7f/\\:*?"<>|]+')
NAME_BYTES = 180


def file_name(title: str | None, fallback: str, suffix: str) -> str:
    """Make a file name of a title: at most 180 bytes before the suffix, any script, no path."""
    name = unicodedata.normalize("NFC", title or "").removesuffix(suffix)
    name = _UNSAFE.sub(" ", name).strip(" .")
    name = name.encode()[:NAME_BYTES].decode(errors="ignore").strip()

    return (name or fallback) + suffix

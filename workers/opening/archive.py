"""Zip files: no bombs, no bytes or names that two readers would read differently."""

import io
import re
import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from workers.opening.refused import Refused

MIB = 1024 * 1024
MOST_ENTRIES = 10_000
MOST_BYTES = 512 * MIB
MOST_RATIO = 200  # deflate reaches 1,032; a sheet of one repeated word 27
SMALL_BYTES = 32 * MIB  # below which the ratio is nobody's harm

ENCRYPTED = 0x1 | 0x40
DESCRIBED, DESCRIPTORS = 0x8, (12, 16, 20, 24)  # sizes once more, behind the bytes
LOCAL_HEADER = 30
END_RECORD = 22
ODD_NAME = re.compile(r"[\x00-\x1f\x7f\\:]|^/|(?:^|/)\.{0,2}(?:/|$)")
AGAIN = "Save the document with its library, in one go, and do not change the file afterwards."
SMALLER = "Use fewer or smaller pictures, or fewer rows."


def contents(file: bytes, first: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every entry, the one of this lower-case name before all others.

    Raises Refused, and BadZipFile for what is no zip.
    """
    _check_ends(file)
    end = _directory(file)
    entries = sorted(_entries(file), key=lambda entry: entry.filename.lower() != first)
    _check_sizes(entries)
    _check_names(entries)
    for entry, start in zip(entries, _starts(file, entries, end), strict=True):
        yield _own_name(entry.filename), _inflated(entry, file[start : start + entry.compress_size])


def _check_ends(file: bytes) -> None:
    if b"PK\x05\x06" not in file:
        raise BadZipFile("it is no zip archive, or half of one")
    # A file that is two things at once is read as the other one somewhere.
    if not file.startswith(b"PK\x03\x04") or file[-END_RECORD:-18] != b"PK\x05\x06":
        raise Refused(
            "not_only_a_zip", "The file has bytes before or after its zip archive.", AGAIN
        )


def _directory(file: bytes) -> int:
    """Where the directory begins, which the end record says and some readers reckon."""
    size, start, note = struct.unpack("<2IH", file[-10:])
    if start + size + END_RECORD != len(file) or note:
        raise Refused("odd_zip", "The directory of the zip archive is not where it says.", AGAIN)

    return int(start)


def _entries(file: bytes) -> list[ZipInfo]:
    with ZipFile(io.BytesIO(file)) as archive:
        return archive.infolist()


def _check_sizes(entries: Sequence[ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Refused("too_many_parts", f"The file has {len(entries)} parts.", SMALLER)

    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if total > MOST_BYTES or (total > SMALL_BYTES and total > MOST_RATIO * packed):
        found = f"The file unpacks from {packed / MIB:.1f} to {total / MIB:.0f} MiB."
        raise Refused("zip_bomb", found, SMALLER)


def _check_names(entries: Sequence[ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        name = _own_name(entry.orig_filename)
        if ODD_NAME.search(name.rstrip("/")) or entry.orig_filename != entry.filename:
            raise Refused("odd_name", f"A part has the name {name!r}.", AGAIN)
        if name.lower() in seen:  # which one counts differs from reader to reader
            raise Refused("same_name_twice", f"The part {name!r} is there twice.", AGAIN)
        seen.add(name.lower())


def _own_name(name: str) -> str:
    """The name of a part as readers know it: xlsxwriter writes one of them from the root."""
    return name.removeprefix("/") if name.startswith("/xl/") else name


def _starts(file: bytes, entries: Sequence[ZipInfo], end: int) -> Iterator[int]:
    """Where the bytes of each entry begin; between two entries there is nothing, nor any shared."""
    begins = [*sorted(entry.header_offset for entry in entries), end]
    following = dict(pairwise(begins))
    if begins[0]:
        raise Refused("odd_zip", "The zip archive has bytes before its first part.", AGAIN)

    for entry in entries:
        header = file[entry.header_offset : entry.header_offset + LOCAL_HEADER]
        lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        start = entry.header_offset + LOCAL_HEADER + lengths
        left = following[entry.header_offset] - start - entry.compress_size
        if left not in (DESCRIPTORS if entry.flag_bits & DESCRIBED else (0,)):
            raise Refused("odd_zip", f"Beside the part {entry.filename!r} is another one.", AGAIN)
        if not _agrees(file, entry):
            raise Refused("odd_zip", f"The part {entry.filename!r} has two names.", AGAIN)
        yield start


def _agrees(file: bytes, entry: ZipInfo) -> bool:
    """Whether the header before the bytes has the name that the directory has."""
    start = entry.header_offset + LOCAL_HEADER
    encoding = "utf-8" if entry.flag_bits & 0x800 else "cp437"
    name = entry.orig_filename.encode(encoding)

    return file[entry.header_offset :][:4] == b"PK\x03\x04" and file[start:][: len(name)] == name


def _inflated(entry: ZipInfo, packed: bytes) -> bytes:
    if entry.flag_bits & ENCRYPTED:
        raise Refused("encrypted", "The file is protected by a password.", "Save it without one.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Refused("link", f"The part {entry.filename!r} is a symbolic link.", AGAIN)

    content = _unpacked(entry, packed)
    # By hand, since a reader that trusts the stated size stops where another one goes on.
    if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
        raise Refused("zip_bomb", f"The part {entry.filename!r} is not what it says.", AGAIN)

    return content


def _unpacked(entry: ZipInfo, packed: bytes) -> bytes:
    if entry.compress_type == ZIP_STORED:
        return packed
    if entry.compress_type != ZIP_DEFLATED:
        raise Refused("odd_zip", f"The part {entry.filename!r} is packed unusually.", AGAIN)

    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    return inflate.decompress(packed, entry.file_size + 1)

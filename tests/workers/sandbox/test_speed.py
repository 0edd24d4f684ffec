"""What the warm parent makes faster is the same to whoever uses it."""

import json
import zlib

from tests.workers.sandbox.conftest import Runs

ANY_WAY = """
import gzip, io, json, zipfile, zlib
text = b"the same " * 10_000
packed = io.BytesIO()
with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("a", text)
assert zipfile.ZipFile(packed).read("a") == text
assert gzip.decompress(gzip.compress(text)) == text
try:
    zlib.decompress(b"no such thing")
except zlib.error:
    print(json.dumps([zlib.__name__, zlib.crc32(text), zlib.compress(text).hex()]))
"""
NAMES = """
import docx.oxml.ns, docx.oxml.xmlchemy, pptx.oxml.xmlchemy
assert docx.oxml.xmlchemy.qn("w:p") is docx.oxml.ns.qn("w:p") is docx.oxml.ns.qn("w:p")
assert pptx.oxml.xmlchemy.qn("a:t") == "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
try:
    docx.oxml.ns.qn("nosuch:p")
except KeyError:
    print("as ever")
"""


async def test_what_is_deflated_here_is_inflated_anywhere(run: Runs) -> None:
    ended = await run(ANY_WAY)

    assert ended.failure is None
    name, check_sum, packed = json.loads(ended.stdout)
    assert name == "zlib_ng.zlib_ng"
    assert zlib.decompress(bytes.fromhex(packed)) == b"the same " * 10_000
    assert zlib.crc32(b"the same " * 10_000) == check_sum


async def test_names_of_elements_are_remembered(run: Runs) -> None:
    ended = await run(NAMES)

    assert (ended.failure, ended.stdout) == (None, "as ever\n")

"""A PNG is written with one filter, and is the same picture to whoever reads it."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from tests.workers.sandbox.conftest import Runs

SAVED = """
import hashlib, io, itertools, struct
from PIL import Image, ImageDraw, ImageFile, PngImagePlugin

def say(file, *about):
    for picture in (Image.open(file), Image.open(file).convert("RGBA")):
        frames = getattr(picture, "n_frames", 1)
        for frame in range(frames):
            picture.seek(frame)
            digest = hashlib.sha256(picture.tobytes()).hexdigest()
            print(*about, frame, picture.mode, picture.size, digest)

def drawn(mode, size):
    slope = Image.linear_gradient("L").rotate(30)
    slope = slope.resize(size) if all(size) else Image.new("L", size)
    picture = Image.merge("RGBA", [slope, slope.rotate(180), slope, slope]).convert(mode)
    ImageDraw.Draw(picture).ellipse((0, 0, *size), fill=1)
    return picture

modes = ("1", "L", "LA", "P", "RGB", "RGBA")
sizes = ((1, 1), (3, 1), (1, 64), (7, 65), (300, 228), (70_000, 3), (0, 9), (9, 0))
wishes = ({}, {"compress_level": 1}, {"optimize": True}, {"compress_type": 3}, {"bits": 4})
for mode, size, wish in itertools.product(modes, sizes, wishes):
    if "bits" in wish and mode != "P":
        continue
    try:
        drawn(mode, size).save(file := io.BytesIO(), "PNG", **wish)
    except ValueError as error:
        print(mode, size, wish, error)
    else:
        say(file, mode, size, wish)

info = PngImagePlugin.PngInfo()
info.add_text("words", "said", zip=True)
clear = drawn("RGB", (40, 70))
clear.save("clear.png", transparency=(1, 1, 1), pnginfo=info, dpi=(300, 300))
read = Image.open("clear.png")
print(read.info["transparency"], read.text, read.info["dpi"])
say("clear.png")

frames = [drawn("RGBA", (50, 90)).rotate(n * 40) for n in range(3)]
frames[0].save("moves.png", save_all=True, append_images=frames[1:], duration=100)
say("moves.png")
for box in ((10, 20, 30, 50), (0, 0, 200, 20), None):
    tile = ImageFile._Tile("zip", box, 0, "RGB")
    ImageFile._save(drawn("RGB", (200, 100)), data := io.BytesIO(), [tile])
    left, top, right, bottom = box or (0, 0, 200, 100)
    head = struct.pack(">IIBBBBB", right - left, bottom - top, 8, 2, 0, 0, 0)
    file = io.BytesIO(b"\\x89PNG\\r\\n\\x1a\\n")
    file.seek(0, 2)
    for chunk in ((b"IHDR", head), (b"IDAT", data.getvalue()), (b"IEND", b"")):
        PngImagePlugin.putchunk(file, *chunk)
    say(file, box)

part = Image.new("RGB", (200, 300)).crop((10, 20, 90, 200))
Image.MAX_IMAGE_PIXELS = 10
Image.Image.crop = Image.Image.tobytes = None  # a script may do as it likes with its own
part.save("part.png")
print(open("part.png", "rb").read(29))
"""
FILTERS = """
import io, json, zlib
from PIL import Image

def filters(mode, **wishes):
    picture = Image.radial_gradient("L").resize((40, 150)).convert(mode)
    picture.save(file := io.BytesIO(), "PNG", **wishes)
    data, at = b"", 8
    while at < len(content := file.getvalue()):
        length = int.from_bytes(content[at : at + 4], "big")
        data += content[at + 8 : at + 8 + length] if content[at + 4 : at + 8] == b"IDAT" else b""
        at += length + 12
    return sorted({*zlib.decompress(data)[:: 40 * len(mode) + 1]})

wishes = ({"compress_level": 9}, {"optimize": True})
print(json.dumps([*map(filters, ("L", "RGB", "RGBA")), *(filters("RGB", **w) for w in wishes)]))
"""


async def test_a_png_has_the_same_pixels_as_anywhere(run: Runs, tmp_path: Path) -> None:
    ended = await run(SAVED)

    assert ended.failure is None
    assert ended.stdout.splitlines() == await asyncio.to_thread(_cold, tmp_path)


async def test_each_row_is_the_difference_from_the_one_above(run: Runs) -> None:
    ended = await run(FILTERS)

    assert ended.failure is None
    up, chosen = [2], json.loads(ended.stdout)[3:]
    assert json.loads(ended.stdout)[:3] == [up, up, up]
    assert all(len(filters) > 1 for filters in chosen)  # a script that has a wish gets Pillow's own


async def test_a_picture_of_very_many_columns_takes_no_more_than_its_own(run: Runs) -> None:
    code = "from PIL import Image\nImage.new('RGB', (1_500_000, 64)).save(OUTPUT_PATH, 'PNG')"

    assert (await run(code)).failure is None


def _cold(folder: Path) -> list[str]:
    said = subprocess.check_output([sys.executable, "-I", "-c", SAVED], text=True, cwd=folder)
    return said.splitlines()

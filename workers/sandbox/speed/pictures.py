"""Writes PNG at a fifth of the price: each row as its difference from the one above.

Pillow tries five ways for each row, and most pictures in documents are charts, where that gains
nothing: for those of matplotlib this is smaller on average, for a photograph a twentieth larger.
"""

from typing import Any

from PIL import Image, ImageChops, ImageFile, _imaging
from zlib_ng import zlib_ng

MODES = ("L", "RGB", "RGBA")  # a byte a band, as the format has it
AS_ALWAYS = (False, -1, -1, b"")  # what save() says when the script had no wish of its own
ROWS = 32  # at once, so that a large picture is never there as a whole again
UP = b"\x02"  # https://www.w3.org/TR/png-3/#9Filter-types


def register() -> None:
    """Let Pillow encode PNG so, unless the script asks for a level or a strategy."""
    Image.register_encoder("zip", _encoder)  # type: ignore[arg-type]


def _encoder(mode: str, stored: str, *wishes: Any) -> Any:
    if mode in MODES and stored == mode and wishes == AS_ALWAYS:
        return _Differences(mode)

    return _imaging.zip_encoder(mode, stored, *wishes)


class _Differences(ImageFile.PyEncoder):
    def init(self, args: tuple[Any, ...]) -> None:
        self._next = 0
        self._deflate = zlib_ng.compressobj()

    def encode(self, bufsize: int) -> tuple[int, int, bytes]:
        image = Image.Image()._new(self.im)  # type: ignore[arg-type]
        data = b""
        while not data and self._next < image.height:
            data = self._deflate.compress(self._rows(image))
        if data:
            return len(data), 0, data

        data = self._deflate.flush()
        return len(data), 1, data

    def _rows(self, image: Image.Image) -> bytes:
        width, height = image.size
        first, end = self._next, min(self._next + ROWS, height)
        self._next = end
        rows = image.crop((0, first, width, end))
        above = image.crop((0, first - 1, width, end - 1))  # zeros above the first
        pixels = ImageChops.subtract_modulo(rows, above).tobytes()
        length = width * len(image.getbands())

        return b"".join(UP + pixels[at : at + length] for at in range(0, len(pixels), length))

"""Writes PNG at a fifth of the price: each row as its difference from the one above.

Pillow tries five ways for each row, and most pictures in documents are charts, where that gains
nothing: for those of matplotlib this is smaller on average, for a photograph a twentieth larger.
"""

from typing import Any

from PIL import Image, ImageFile, _imaging
from zlib_ng import zlib_ng

MODES = ("L", "RGB", "RGBA")  # a byte a band, as the format has it
AS_ALWAYS = (False, -1, -1, b"")  # what save() says when the script had no wish of its own
PIXELS = 1 << 16  # at once, so that a large picture is never there as a whole again
UP = b"\x02"  # https://www.w3.org/TR/png-3/#9Filter-types


def register() -> None:
    """Let Pillow encode PNG so, unless the script asks for a level or a strategy."""
    Image.register_encoder("zip", _Encoder)


class _Encoder(ImageFile.PyEncoder):
    # Uses the core's methods: those of Image have rules of their own, and a script may change them.
    _core: Any
    _own: Any  # Pillow's encoder, where it has to be that

    def setimage(self, im: Any, extents: tuple[int, int, int, int] | None = None) -> None:
        mode, *wishes = self.args
        is_whole = extents == (0, 0, *im.size) and 0 not in im.size
        self._own = None
        if mode == self.mode and mode in MODES and tuple(wishes) == AS_ALWAYS and is_whole:
            super().setimage(im, extents)
            self._core = im
            self._deflate = zlib_ng.compressobj()
            self._next = 0
        else:
            self._own = _imaging.zip_encoder(self.mode, *self.args)
            self._own.setimage(im, extents)

    def encode(self, bufsize: int) -> tuple[int, int, bytes]:
        if self._own is not None:
            encoded: tuple[int, int, bytes] = self._own.encode(bufsize)
            return encoded

        data = b""
        while not data and self._next < self.state.ysize:
            data = self._deflate.compress(self._rows())
        if data:
            return len(data), 0, data

        data = self._deflate.flush()
        return len(data), 1, data

    def _rows(self) -> bytes:
        width, first = self.state.xsize, self._next
        end = self._next = min(first + max(1, PIXELS // width), self.state.ysize)
        rows = self._core.crop((0, first, width, end))
        above = self._core.crop((0, first - 1, width, end - 1))  # zeros above the first
        pixels = self._bytes(rows.chop_subtract_modulo(above))
        length = len(pixels) // (end - first)

        return b"".join(UP + pixels[at : at + length] for at in range(0, len(pixels), length))

    def _bytes(self, rows: Any) -> bytes:
        encoder = _imaging.raw_encoder(self.mode, self.mode)
        encoder.setimage(rows, (0, 0, *rows.size))
        data, is_over = b"", 0
        while not is_over:
            _, is_over, some = encoder.encode(4 * rows.size[0] * rows.size[1])
            data += some

        return data

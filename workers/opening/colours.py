"""The colours of a theme: DrawingML says which one, and how much lighter or darker."""

import colorsys
from typing import Any

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
WHOLE = 100_000  # hundred per cent
NAMED = {"black": "000000", "white": "FFFFFF", "red": "FF0000", "green": "008000", "blue": "0000FF"}
# What masters call them when they have no map of their own.
MAPPED = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}


class Theme:
    """Resolves colours by the theme of a slide's master."""

    def __init__(self, theme: Any, master: Any) -> None:
        self._colours = {name: _fixed(element) for name, element in _scheme(theme)}
        mapped = master.find(f"{P}clrMap")
        self._map = {**MAPPED, **({} if mapped is None else dict(mapped.attrib))}

    def colour(self, holder: Any) -> str | None:
        """The colour that stands in a fill, as CSS has it; None when there is none."""
        for element in () if holder is None else holder:
            found = self._named(element) if element.tag == f"{A}schemeClr" else _fixed(element)
            if found:
                return _adjusted(found, element)

        return None

    def accent(self, number: int) -> str:
        """The n-th accent, counted from 1 and beginning anew after six."""
        return f"#{self._colours.get(f'accent{(number - 1) % 6 + 1}') or '4472C4'}"

    def _named(self, element: Any) -> str | None:
        name = element.get("val", "")
        return self._colours.get(self._map.get(name, name))


def fill(holder: Any, theme: Theme) -> str | None:
    """The colour of a solid fill in the holder; of a gradient, where it begins."""
    if holder is None:
        return None

    solid = holder.find(f"{A}solidFill")
    if solid is None:
        solid = holder.find(f"{A}gradFill/{A}gsLst/{A}gs")
    return theme.colour(solid)


def _scheme(theme: Any) -> list[tuple[str, Any]]:
    scheme = theme.find(f".//{A}clrScheme")
    return [] if scheme is None else [(e.tag.rpartition("}")[2], e[0]) for e in scheme if len(e)]


def _fixed(element: Any) -> str | None:
    value = element.get("lastClr") or element.get("val") or ""
    if element.tag == f"{A}prstClr":
        value = NAMED.get(value, "")
    is_hex = len(value) == 6 and not set(value.upper()) - set("0123456789ABCDEF")

    return value if is_hex else None


def _adjusted(colour: str, element: Any) -> str:
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (0, 2, 4))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    for change in element:
        share = _share(change.get("val"))
        match change.tag.rpartition("}")[2]:
            case "lumMod" | "shade":
                light *= share
            case "lumOff":
                light += share
            case "tint":
                light = light * share + 1 - share
    channels = colorsys.hls_to_rgb(hue, min(max(light, 0), 1), saturation)

    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def _share(value: str | None) -> float:
    try:
        return min(max(int(value or WHOLE) / WHOLE, 0), 2)
    except ValueError:
        return 1.0

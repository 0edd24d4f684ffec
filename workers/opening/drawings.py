"""Drawings, in VML and since: a picture is in the file, a click follows a link, nothing runs."""

from workers.opening import links
from workers.opening.elements import Attributes
from workers.opening.refused import Refused

SHAPES = (
    *("shape", "shapetype", "group", "rect", "roundrect", "line", "polyline", "curve", "arc"),
    *("oval", "diagram"),
)
PICTURES = ("image", "imagedata", "fill", "stroke", "background", "feImage", "use")
# What else shows, plays or opens the part that it names.
BLIPS = ("blip", "svgBlip", "imgLayer", "model3d")
SHOWN = (
    *BLIPS,
    *("videoFile", "audioFile", "quickTimeFile", "wavAudioFile", "media", "externalData"),
)
ACTING = {
    "OLEObject": "an embedded OLE object",
    "oleObj": "an embedded OLE object",
    "oleObject": "an embedded OLE object",
    "DDE": "an embedded OLE object",
    "MapOCX": "an ActiveX control",
    "webVideoPr": "a film from the web",
    "script": "a script",
    "ScriptText": "a script",
    "ScriptExtended": "a script",
    "ScriptLocation": "a script",
}
TAGS = (*SHAPES, *PICTURES, *SHOWN, *ACTING)
WITHIN = ("#", "data:image/png", "data:image/jpeg", "data:image/gif")
TAKING = ("src", "href", "althref", "link")


def check(tag: str, attributes: Attributes) -> set[str]:
    """Return the ids of the parts that it shows. Raises Refused where it runs, or is elsewhere."""
    if tag in ACTING:
        raise Refused(
            "active_content",
            f"The file holds {ACTING[tag]}.",
            "Leave it out: a document holds text, tables, pictures, charts and formulas.",
        )
    for name, value in attributes:
        if tag in SHAPES and name == "href":
            links.check(value)
        elif name in _taking(tag) and value and not value.lower().startswith(WITHIN):
            raise elsewhere("picture", value)

    return set() if tag in SHAPES else {value for _, value in attributes}


def elsewhere(kind: str, place: str) -> Refused:
    """What is said of content that is not in the file."""
    return Refused(
        "external_part",
        f"The file takes its {kind} from {place[:100]!r} when it is opened.",
        "Put the content itself into the file.",
    )


def _taking(tag: str) -> tuple[str, ...]:
    # A film names its part by a link; that part is in the file, or its relationship is refused.
    return TAKING if tag in (*BLIPS, *PICTURES) else ("src",)

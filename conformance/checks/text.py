"""What people write: every character arrives, and none of it is syntax."""

from conformance.suite import check, require
from conformance.target import Target

SEPARATORS = {"U+2028": "\u2028", "U+2029": "\u2029", "U+0085": "\u0085"}


async def _told(target: Target, title: str) -> tuple[str, bytes]:
    """The title as a stream tells it, and the stream's bytes."""
    job_id, _ = await target.cancelled(title=title)
    async with target.stream(job_id) as stream:
        state = await stream.state()
        await stream.rest()

    return state["title"], stream.parser.raw


async def _arrives(target: Target, title: str) -> None:
    told, _ = await _told(target, title)
    require(told == title, f"{title!a} came as {told!a}")


@check("text")
async def right_to_left(target: Target) -> None:
    """Hebrew and Arabic arrive."""
    await _arrives(target, "דוח רבעוני – تقرير")


@check("text")
async def beyond_the_first_plane(target: Target) -> None:
    """Emoji, joined ones too, and rare Han arrive."""
    await _arrives(target, "👩‍🚀 𠮷 𝔘")


@check("text")
async def combining_marks(target: Target) -> None:
    """Combining marks are not composed."""
    await _arrives(target, "e\u0301 – é")


@check("text")
async def quotes_and_backslashes(target: Target) -> None:
    """Quotes, backslashes and angle brackets arrive."""
    await _arrives(target, "\"a\" \\ 'b' </script> <!-- &amp;")


@check("text")
async def line_breaks(target: Target) -> None:
    """CR and LF in a value arrive, and end no line."""
    await _arrives(target, "a\nb\rc\r\nd\n\ne")


@check("text")
async def separators_arrive(target: Target) -> None:
    """U+2028, U+2029 and U+0085 arrive."""
    await _arrives(target, "a".join(SEPARATORS.values()))


@check("text")
async def separators_are_escaped(target: Target) -> None:
    """They are escaped on the wire: clients that cut lines by Unicode break there."""
    _, raw = await _told(target, "a".join(SEPARATORS.values()))
    found = [name for name, text in SEPARATORS.items() if text.encode() in raw]
    require(not found, f"{', '.join(found)} came raw")


@check("text")
async def looks_like_fields(target: Target) -> None:
    """What looks like a field is text."""
    await _arrives(target, "data: x\nid: 9\nevent: y\n\nretry: 1\n: z")


@check("text")
async def long_titles(target: Target) -> None:
    """300 characters of three bytes arrive in one frame."""
    await _arrives(target, "ש" * 150 + "東" * 150)


@check("text")
async def control_characters(target: Target) -> None:
    """Tabs and bells arrive."""
    await _arrives(target, "a\tb\x07c\x1bd\x7f")

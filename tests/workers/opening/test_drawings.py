"""Drawings show what is in the file; a click on one follows a link."""

from typing import Any

import pytest

from tests.workers.opening.files import (
    packed,
    parts,
    with_body,
    with_part,
    with_relationship,
    with_text,
)
from workers.opening import drawings, package

VML = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
VML += 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
SLIDE = "ppt/slides/slide1.xml"

DRAWN = {
    "a picture": (
        '<v:shape><v:imagedata src="https://x.test/a.png"/></v:shape>',
        '<v:shape><v:imagedata r:id="rId9" o:title="src"/></v:shape>',
        "external_part",
    ),
    "a picture by another name": (
        r'<v:shape><v:imagedata o:href="\\host\a.png"/></v:shape>',
        '<v:shape><v:imagedata o:href=""/></v:shape>',
        "external_part",
    ),
    "a picture's relationship": (
        '<v:imagedata r:href="rId9"/>',
        '<v:imagedata r:pict="rId9" o:relid="rId8"/>',
        "external_part",
    ),
    "another picture": ('<v:image src="https://x.test/a"/>', "<v:image/>", "external_part"),
    "a fill": (
        '<v:rect><v:fill o:althref="file:///a" type="frame"/></v:rect>',
        '<v:rect><v:fill color2="#ffffe1" type="gradient"/></v:rect>',
        "external_part",
    ),
    "a line": (
        '<v:oval><v:stroke src="//host/a.png"/></v:oval>',
        '<v:oval><v:stroke joinstyle="miter"/></v:oval>',
        "external_part",
    ),
    "two places": (
        '<v:imagedata src="" o:src="https://x.test/a"/>',
        '<v:imagedata src="" o:src="#a"/>',
        "external_part",
    ),
    "a name in disguise": (
        '<p:imagedata xmlns:p="urn:schemas-microsoft&#45;com:vml" src="https://x.test"/>',
        '<p:imagedata xmlns:p="urn:schemas-microsoft&#45;com:vml"/>',
        "external_part",
    ),
    "a click": (
        '<v:shape href="file:///c:/a.exe"/>',
        '<v:shape href="https://x.test/a?b" target="_blank"/>',
        "odd_link",
    ),
    "a click on a group": ('<v:group href="ms-msdt:/id"/>', '<v:group href="#_Toc1"/>', "odd_link"),
    "an object": (
        '<o:OLEObject Type="Link" ProgID="htmlfile" UpdateMode="Always" r:id="rId9"/>',
        '<o:lock v:ext="edit" aspectratio="t"/>',
        "active_content",
    ),
    "a linked picture": (
        '<a:blip xmlns:a="urn:a" r:link="rId9"/>',
        '<a:blip xmlns:a="urn:a" r:embed="rId9"/>',
        "external_part",
    ),
    "a film from the web": (
        '<w:webVideoPr embeddedHtml="&lt;iframe src=&quot;https://x.test&quot;/&gt;"/>',
        "<w:r/>",
        "active_content",
    ),
}


@pytest.mark.parametrize(("harmful", "harmless", "reason"), DRAWN.values(), ids=DRAWN)
def test_what_a_word_document_draws(check: Any, harmful: str, harmless: str, reason: str):
    body = f"<w:p><w:r><w:pict {VML}>{{}}</w:pict></w:r></w:p>"

    assert check(with_body(body.replace("{}", harmful)), ".docx")["refused"] == reason
    assert "facts" in check(with_body(body.replace("{}", harmless)), ".docx")


@pytest.mark.parametrize(("harmful", "harmless", "reason"), DRAWN.values(), ids=DRAWN)
@pytest.mark.parametrize(
    ("suffix", "name"), [(".xlsx", "xl/drawings/a.vml"), (".pptx", "ppt/drawings/a.vml")]
)
def test_what_the_others_draw(
    check: Any, suffix: str, name: str, harmful: str, harmless: str, reason: str
):
    root = f"<xml xmlns:w='urn:w' {VML}>{{}}</xml>"
    files = [
        with_part(suffix, name, root.replace("{}", xml).encode()) for xml in (harmful, harmless)
    ]

    assert check(files[0], suffix)["refused"] == reason
    assert "facts" in check(files[1], suffix)


def test_without_the_rule_they_open(check: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(drawings, "check", lambda tag, attributes: set())
    body = f"<w:p><w:r><w:pict {VML}>{{}}</w:pict></w:r></w:p>"
    files = [with_body(body.replace("{}", harmful)) for harmful, _, _ in DRAWN.values()]

    assert all("facts" in check(file, ".docx") for file in files)


def test_a_picture_of_lines_is_in_the_file_itself(check: Any):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink">%b</svg>'

    def refused(inner: bytes) -> str | None:
        answer = check(with_part(".docx", "word/media/a.svg", svg % inner), ".docx")
        return answer.get("refused")  # type: ignore[no-any-return]

    assert refused(b'<image x:href="https://x.test/a.png"/>') == "external_part"
    assert refused(b"<script>alert(1)</script>") == "active_content"
    assert refused(b'<image x:href="data:image/png;base64,AA=="/><rect fill="url(#a)"/>') is None


def test_a_link_that_is_shown_is_no_link(check: Any):
    """LibreOffice fetches a film by any relationship that leads out, whatever it is called."""
    linked = parts(with_relationship(".pptx", "hyperlink", "https://x.test/a.mp4"))
    film = b'<a:videoFile xmlns:r="urn:r" r:link="rIdX"/>'
    click = b'<a:hlinkClick xmlns:r="urn:r" r:id="rIdX"/>'

    def shown(element: bytes) -> Any:
        slide = linked[SLIDE].replace(b"<a:lstStyle/>", b"<a:lstStyle/>" + element, 1)
        assert slide != linked[SLIDE]
        return check(packed({**linked, SLIDE: slide}), ".pptx")

    assert shown(film)["refused"] == "external_part"
    assert "facts" in shown(click)


ACTIONS = {
    "a program": (b'<a:hlinkClick action="ppaction://program"/>', b'<a:hlinkClick action=""/>'),
    "an object's verb": (
        b'<p:cmd xmlns:p="urn:p" type="verb" cmd="0"/>',
        b'<p:cmd xmlns:p="urn:p" type="call" cmd="playFrom(0.0)"/>',
    ),
    "a control": (b'<p:control xmlns:p="urn:p" name="a"/>', b'<p:controls xmlns:p="urn:p"/>'),
}


@pytest.mark.parametrize(("harmful", "harmless"), ACTIONS.values(), ids=ACTIONS)
def test_what_a_slide_does(check: Any, harmful: bytes, harmless: bytes):
    def answer(element: bytes) -> Any:
        return check(with_text(".pptx", SLIDE, b"<a:r>", b"<a:r>" + element), ".pptx")

    assert answer(harmful)["refused"] == "active_content"
    assert "facts" in answer(harmless)


def test_an_address_that_was_no_address_is_a_link_all_the_same(check: Any):
    def answer(address: bytes) -> Any:
        element = b'<a:r><a:hlinkClick invalidUrl="%b"/>' % address
        return check(with_text(".pptx", SLIDE, b"<a:r>", element), ".pptx")

    assert answer(b"file:///c:/a.exe")["refused"] == "odd_link"
    assert "facts" in answer(b"https://x.test/a b")


def test_the_rules_of_drawings_are_each_format_s():
    assert all(
        set(drawings.TAGS) <= set(m.TAGS)
        for m in (package.fields, package.actions, package.workbooks)
    )

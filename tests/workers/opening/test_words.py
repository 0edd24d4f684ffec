"""Word documents take nothing in when they are opened: no data, template or page."""

from typing import Any

import pytest

from tests.workers.opening.files import (
    complex_field,
    field,
    packed,
    parts,
    plain,
    with_body,
    with_relationship,
    with_text,
)
from workers.opening import fields

THUMBNAIL = "../docProps/thumbnail.jpeg"
SETTINGS = "word/settings.xml"
IN_SETTINGS = {
    "mail merge": (
        '<w:mailMerge><w:mainDocumentType w:val="formLetters"/><w:dataType w:val="odbc"/>'
        r'<w:connectString w:val="Data Source=\\host\a"/><w:query w:val="SELECT 1"/></w:mailMerge>',
        '<w:docVars><w:docVar w:name="mailMerge" w:val="x"/></w:docVars>',
    ),
    "mail merge by its source": (
        '<w:mailMerge><w:odso><w:udl w:val="x"/><w:src r:id="rId1"/></w:odso></w:mailMerge>',
        '<w:characterSpacingControl w:val="doNotCompress"/>',
    ),
    "template": ('<w:attachedTemplate r:id="rId1"/>', '<w:linkStyles w:val="0"/>'),
    "transformation": (
        '<w:saveThroughXslt r:id="rId1"/>',
        '<w:saveXmlDataOnly w:val="0"/>',
    ),
    "schema": (
        '<s:schemaLibrary xmlns:s="urn:s"><s:schema s:manifestLocation="https://x.test"/>'
        "</s:schemaLibrary>",
        "<w:themeFontLang/>",
    ),
    "frames": (
        '<w:frameset><w:frame><w:sourceFileName r:id="rId1"/></w:frame></w:frameset>',
        "<w:divs/>",
    ),
}
IN_BODY = {
    "page": ('<w:altChunk r:id="rId1"/>', '<w:p><w:bookmarkStart w:id="1" w:name="a"/></w:p>'),
    "part": ('<w:subDoc r:id="rId1"/>', "<w:p/>"),
    "macro": (
        '<w:p><w:ffData><w:entryMacro w:val="x"/></w:ffData></w:p>',
        '<w:p><w:ffData><w:name w:val="entryMacro"/></w:ffData></w:p>',
    ),
    "control": ('<w:p><w:r><w:control r:id="rId1"/></w:r></w:p>', "<w:p><w:sdt/></w:p>"),
}


def with_settings(xml: str) -> bytes:
    start = b"<w:zoom"
    return with_text(".docx", SETTINGS, start, xml.encode() + start)


@pytest.mark.parametrize(("harmful", "harmless"), IN_SETTINGS.values(), ids=IN_SETTINGS)
def test_what_the_settings_take_in(check: Any, harmful: str, harmless: str):
    assert check(with_settings(harmful), ".docx")["refused"] == "reaching_field"
    assert "facts" in check(with_settings(harmless), ".docx")


@pytest.mark.parametrize(("harmful", "harmless"), IN_BODY.values(), ids=IN_BODY)
def test_what_the_text_takes_in(check: Any, harmful: str, harmless: str):
    assert check(with_body(harmful), ".docx")["refused"] == "reaching_field"
    assert "facts" in check(with_body(harmless), ".docx")


def test_without_the_rules_they_open(check: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fields, "REACHING", {})

    assert all("facts" in check(with_settings(xml), ".docx") for xml, _ in IN_SETTINGS.values())
    assert all("facts" in check(with_body(xml), ".docx") for xml, _ in IN_BODY.values())


KINDS = {
    "mailMergeSource": "active_content",
    "mailMergeHeaderSource": "active_content",
    "attachedTemplate": "active_content",
    "aFChunk": "active_content",
    "subDocument": "active_content",
    "frame": "active_content",
    "keyMapCustomizations": "active_content",
    "recipientData": "external_part",
    "transform": "external_part",
    "image": "external_part",
    "a-kind-of-next-year": "external_part",
}


@pytest.mark.parametrize(("kind", "reason"), KINDS.items())
def test_a_relationship_to_elsewhere_is_refused(check: Any, kind: str, reason: str):
    assert check(with_relationship(".docx", kind, "https://x.test/a"), ".docx")["refused"] == reason
    assert "facts" in check(with_relationship(".docx", "hyperlink", "https://x.test/a"), ".docx")


@pytest.mark.parametrize(
    ("target", "mode"),
    [
        ("file:///c:/a.xml", "Internal"),
        ("\\\\host\\a.xml", "Internal"),
        ("//host/a.xml", "Internal"),
        ("a.xml", "external"),
    ],
)
def test_a_part_within_is_within(check: Any, target: str, mode: str):
    harmful = with_relationship(".docx", "customXml", target, mode)

    assert check(harmful, ".docx")["refused"] == "external_part"
    assert "facts" in check(with_relationship(".docx", "image", THUMBNAIL, "Internal"), ".docx")


def test_a_signature_is_refused_since_its_certificates_are_fetched(check: Any):
    name = "_rels/.rels"

    def related(kind: bytes) -> Any:
        contents = parts(plain(".docx"))
        one = (
            b'<Relationship Id="x" Type="urn:a/%b" Target="docProps/app.xml"/></Relationships>'
            % kind
        )
        changed = contents[name].replace(b"</Relationships>", one)
        return check(packed({**contents, name: changed}), ".docx")

    assert related(b"digital-signature/origin")["refused"] == "active_content"
    assert "facts" in related(b"metadata/custom-properties")


def test_a_part_that_is_no_ascii_is_refused(check: Any):
    def answer(content: bytes) -> Any:
        return check(packed({**parts(plain(".docx")), "word/a.xml": content}), ".docx")

    xml = '<?xml version="1.0"?><a/>'
    assert answer(xml.encode("cp500"))["refused"] == "odd_xml"
    assert "facts" in answer(xml.encode())


def link(place: str) -> bytes:
    """A link whose address holds a field."""
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{k}"/></w:r>' for k in ("begin", "end"))
    within = f"{begin}<w:r><w:instrText>QUOTE 102 105</w:instrText></w:r>{end}"
    texts = place.split("{}")
    written = within.join(f"<w:r><w:instrText>{text}</w:instrText></w:r>" for text in texts)
    return with_body(f"<w:p>{begin}{written}{end}</w:p>")


def test_a_link_whose_address_is_computed_is_refused(check: Any):
    assert check(link('HYPERLINK "{}"'), ".docx")["refused"] == "reaching_field"
    assert check(link('HYPERLINK "fi{}e:///c:/a.exe"'), ".docx")["refused"] == "reaching_field"
    assert "facts" in check(link('HYPERLINK "https://x.test/{}"'), ".docx")


def test_a_field_is_read_through_what_stands_in_it(check: Any):
    harmful = complex_field('HYPERLINK "<!-- -->file:///c:/a.exe"')

    assert check(harmful, ".docx")["refused"] == "odd_link"
    assert "facts" in check(complex_field('HYPERLINK "<!-- -->https://x.test"'), ".docx")


@pytest.mark.parametrize(
    "address",
    [
        "\u200bfile:///c:/a.exe",
        "%66ile:///c:/a.exe",
        "%5C%5Chost/a",
        "::{20D04FE0-3AEA-1069-A2D8-08002B30309D}",
        "java script:a",
    ],
)
def test_a_link_in_disguise_is_refused(check: Any, address: str):
    quoted = f"HYPERLINK &quot;{address}&quot;"

    assert check(field(quoted), ".docx")["refused"] == "odd_link"
    assert "facts" in check(field("HYPERLINK &quot;https://x.test/?a=%2F:b&quot;"), ".docx")

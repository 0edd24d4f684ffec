"""Whether an Office file is whole; and that what is known of it is not looked at twice."""

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from lxml.etree import XMLSyntaxError

from tests.workers.opening.files import packed, parts, plain, with_part, with_text
from workers.opening import checks, learn, package

MAIN = {
    ".xlsx": "xl/workbook.xml",
    ".docx": "word/document.xml",
    ".pptx": "ppt/presentation.xml",
}


@pytest.fixture
def checked(tmp_path: Path) -> Any:
    def check(suffix: str, file: bytes) -> Any:
        (tmp_path / "file").write_bytes(file)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            checks.main(suffix, str(tmp_path / "file"))
        return json.loads(said.getvalue())

    return check


def without(suffix: str, name: str) -> bytes:
    return packed({part: content for part, content in parts(plain(suffix)).items() if part != name})


@pytest.mark.parametrize(
    ("suffix", "facts"),
    [
        (".xlsx", {"sheets": 1}),
        (".docx", {"paragraphs": 1, "tables": 0}),
        (".pptx", {"slides": 1}),
    ],
)
def test_a_whole_file_is_counted(checked, suffix, facts):
    assert checked(suffix, plain(suffix)) == {"facts": facts}


@pytest.mark.parametrize(("suffix", "main"), MAIN.items())
def test_half_a_part_does_not_open(checked, suffix, main):
    content = parts(plain(suffix))[main]

    with pytest.raises(XMLSyntaxError):
        checked(suffix, with_part(suffix, main, content[: len(content) // 2]))


@pytest.mark.parametrize(("suffix", "main"), MAIN.items())
def test_a_main_part_that_is_not_there_is_missed(checked, suffix, main):
    with pytest.raises(ValueError, match=main):
        checked(suffix, without(suffix, main))


@pytest.mark.parametrize(
    ("suffix", "name"),
    [
        (".xlsx", "xl/worksheets/sheet1.xml"),
        (".docx", "word/styles.xml"),
        (".pptx", "ppt/slides/slide1.xml"),
    ],
)
def test_a_part_that_is_referred_to_must_be_there(checked, suffix, name):
    with pytest.raises(ValueError, match=name):
        checked(suffix, without(suffix, name))


def test_a_workbook_has_a_sheet_and_a_document_a_body(checked):
    bare = with_text(".xlsx", MAIN[".xlsx"], b"<sheet ", b"<sheep ")
    with pytest.raises(ValueError, match="no sheets"):
        checked(".xlsx", bare)
    with pytest.raises(ValueError, match="no body"):
        checked(".docx", with_part(".docx", MAIN[".docx"], b"<document/>"))


def test_a_place_in_the_document_is_no_part(checked):
    name = "xl/worksheets/_rels/sheet1.xml.rels"
    within = b'<Relationships><Relationship Id="a" Type="x/hyperlink" Target="#Sheet1!A1"/>'

    assert "facts" in checked(".xlsx", with_part(".xlsx", name, within + b"</Relationships>"))


class TestWhatIsKnown:
    """Parts as the libraries' templates bring them are looked at once, before the first run."""

    @pytest.fixture
    def looked_at(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        seen: list[str] = []
        look = package._looked_at

        def note(name: str, *rest: Any) -> set[str]:
            seen.append(name)
            return look(name, *rest)

        monkeypatch.setattr(package, "_known", {})
        learn()
        monkeypatch.setattr(package, "_looked_at", note)
        return seen

    def test_it_is_not_looked_at_again(self, looked_at):
        package.check(plain(".pptx"), ".pptx")

        assert not [name for name in looked_at if "slidelayout" in name]

    def test_one_byte_more_is(self, looked_at):
        name = "ppt/slideLayouts/slideLayout1.xml"
        package.check(with_text(".pptx", name, b"</p:sldLayout>", b"</p:sldLayout >"), ".pptx")

        assert name.lower() in looked_at

    def test_it_is_known_in_its_own_format_only(self, looked_at):
        layout = parts(plain(".pptx"))["ppt/slideLayouts/slideLayout1.xml"]
        package.check(with_part(".docx", "word/layout.xml", layout), ".docx")

        assert "word/layout.xml" in looked_at

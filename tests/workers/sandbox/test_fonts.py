"""Text of every script that we have letters for is in a PDF, in its order, in any font."""

import io
from collections.abc import Awaitable, Callable

import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.workers.sandbox.conftest import Runs

Make = Callable[[str, str], Awaitable[bytes]]

TEXTS = {
    "Hebrew": "שלום עולם, 12 הזמנות (שולמו)",
    "Arabic": "السلام عليكم، التقرير السنوي 2026",
    "Persian": "گزارش فصلی شرکت",
    "Chinese": "第三季度销售额增长",
    "Japanese": "四半期の売上レポート",
    "Korean": "분기 매출 보고서",
    "Cyrillic": "Отчёт о продажах",
    "Polish": "Zażółć gęślą jaźń",
    "Greek": "Αναφορά πωλήσεων",
    "emoji": "Sales 📊 done ✅ launch 🚀",
    "signs": "€ ₪ ₹ → ≤ ✓ ★ ☐",
    "mixed": "Invoice for דוד לוי in 北京",
}
DRAWN = "from reportlab.pdfgen.canvas import Canvas\npage = Canvas(OUTPUT_PATH)\n"
SET = """
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table
styles = getSampleStyleSheet()
def build(*story): SimpleDocTemplate(OUTPUT_PATH).build(list(story))
"""


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
async def test_letters_that_helvetica_lacks_are_drawn_all_the_same(make: Make, text: str) -> None:
    pdf = await make(f"{DRAWN}page.drawString(72, 700, {text!r})\npage.save()", "a.pdf")

    read = text_of(pdf)
    assert read == text or (text == TEXTS["mixed"] and sorted(read) == sorted(text))


def test_without_the_fonts_there_are_boxes() -> None:
    file = io.BytesIO()
    page = Canvas(file)
    page.drawString(72, 700, TEXTS["Chinese"])
    page.save()

    assert text_of(file.getvalue()) != TEXTS["Chinese"]


@pytest.mark.parametrize("style", ["Normal", "Title", "Heading2", "Code"])
@pytest.mark.parametrize("script", ["Hebrew", "Arabic", "Chinese", "emoji"])
async def test_paragraphs_of_every_style_have_them(make: Make, script: str, style: str) -> None:
    code = f"{SET}build(Paragraph({TEXTS[script]!r}, styles[{style!r}]))"

    assert text_of(await make(code, "a.pdf")) == TEXTS[script]


LONG = "הדוח מסכם את פעילות החברה ברבעון השלישי של שנת 2026, כולל מכירות ומשלוחים לאירופה. "
ORDERED = {
    "bold_words": "build(Paragraph('<b>לקוח:</b> משה כהן, <i>רחוב הרצל</i> תל אביב', style))",
    "justified": f"style.alignment = 4\nbuild(Paragraph({LONG!r}, style))",
    "said_to_be_rtl": "style.wordWrap = 'RTL'\nstyle.alignment = 2\n"
    "build(Paragraph('שלום עולם', style))",
    "said_to_be_rtl_in_bold": "style.wordWrap = 'RTL'\nstyle.alignment = 2\n"
    "build(Paragraph('<b>שלום</b> עולם', style))",
    "over_pages": f"build(Paragraph({LONG * 60!r}, style))",
    "table": "build(Table([['שם הלקוח', 'סכום כולל']]))",
    "ordered_by_code": "from bidi.algorithm import get_display\n"
    "build(Paragraph(get_display('שלום עולם'), style))",
    "ordered_by_code_in_arabic": "import arabic_reshaper\nfrom bidi.algorithm import get_display\n"
    "text = get_display(arabic_reshaper.reshape('التقرير السنوي'))\nbuild(Paragraph(text, style))",
    "own_font": "from reportlab.pdfbase import pdfmetrics\n"
    "from reportlab.pdfbase.ttfonts import TTFont\n"
    "pdfmetrics.registerFont(TTFont('Mine', 'DejaVuSans.ttf'))\nstyle.fontName = 'Mine'\n"
    "build(Paragraph('שלום עולם 数据', style))",
}
READ = {
    "bold_words": "לקוח: משה כהן, רחוב הרצל תל אביב",
    "justified": LONG.strip(),
    "said_to_be_rtl": "שלום עולם",
    "said_to_be_rtl_in_bold": "שלום עולם",
    "over_pages": (LONG * 60).strip(),
    "table": "סכום כולל שם הלקוח",
    "ordered_by_code": "שלום עולם",
    "ordered_by_code_in_arabic": "التقرير السنوي",
    "own_font": "שלום עולם 数据",
}


@pytest.mark.parametrize("case", ORDERED)
async def test_right_to_left_text_is_read_in_its_order(make: Make, case: str) -> None:
    code = f"{SET}style = ParagraphStyle('own', fontSize=11, leading=15)\n{ORDERED[case]}"

    read = text_of(await make(code, "a.pdf")).replace(",", "").split()

    written = READ[case].replace(",", "").split()  # beside a number it is a matter of readers
    assert read == written


async def test_a_paragraph_that_begins_in_hebrew_begins_at_the_right(make: Make) -> None:
    code = f"{SET}build(Paragraph('שלום', styles['Normal']), Paragraph('hello', styles['Normal']))"

    with pypdfium2.PdfDocument(await make(code, "a.pdf")) as document:
        lines = document[0].get_textpage()
        hebrew, english = (lines.get_rect(number) for number in range(lines.count_rects()))

    assert hebrew[0] > 450
    assert english[0] < 90


async def test_a_bullet_hangs_at_the_right_of_its_paragraph(make: Make) -> None:
    style = "ParagraphStyle('own', leftIndent=20, bulletIndent=5)"
    code = f"{SET}build(Paragraph('<bullet>-</bullet>שלום', {style}))"

    with pypdfium2.PdfDocument(await make(code, "a.pdf")) as document:
        page = document[0].get_textpage()
        bullet, word = (page.search(text).get_next()[0] for text in "-ש")
        assert page.get_charbox(bullet)[0] > page.get_charbox(word)[2]


async def test_a_page_number_of_the_contents_stands_beside_its_entry(make: Make) -> None:
    code = f"""{SET}
from reportlab.platypus.tableofcontents import TableOfContents
class Book(SimpleDocTemplate):
    def afterFlowable(self, it):
        if isinstance(it, Paragraph) and it.style.name == "Heading1":
            self.notify("TOCEntry", (0, it.getPlainText(), self.page))
Book(OUTPUT_PATH).multiBuild([TableOfContents(), Paragraph("פרק", styles["Heading1"])])
"""

    with pypdfium2.PdfDocument(await make(code, "a.pdf")) as document:
        page = document[0].get_textpage()
        number, letter = (page.search(text).get_next()[0] for text in "1פ")
        assert page.get_charbox(number)[0] > page.get_charbox(letter)[2] + 100


async def test_a_paragraph_goes_on_over_the_page_in_its_direction(make: Make) -> None:
    text = "שלום " * 2500 + "Latin עולם"
    code = f"{SET}build(Paragraph({text!r}, ParagraphStyle('own', alignment=4)))"

    with pypdfium2.PdfDocument(await make(code, "a.pdf")) as document:
        page = document[len(document) - 1].get_textpage()
        latin, hebrew = (page.search(text).get_next()[0] for text in ("Latin", "ע"))
        assert len(document) > 1
        assert page.get_charbox(latin)[0] > page.get_charbox(hebrew)[2]


async def test_arabic_letters_are_joined_and_measured_so(make: Make, run: Runs) -> None:
    code = (
        "from reportlab.pdfbase.pdfmetrics import stringWidth\n"
        "word = 'محمد'\nprint(stringWidth(word, 'Helvetica', 10), "
        "sum(stringWidth(letter, 'Helvetica', 10) for letter in word))"
    )

    joined, apart = map(float, (await run(code)).stdout.split())

    assert 0 < joined < apart


async def test_pages_without_such_letters_embed_no_font(make: Make) -> None:
    pdf = await make(f"{DRAWN}page.drawString(72, 700, 'Café – naïve €5')\npage.save()", "a.pdf")

    assert b"FontFile" not in pdf
    assert text_of(pdf) == "Café – naïve €5"


FOUND = {
    "by_file_name": "TTFont('Mine', 'DejaVuSans-Bold.ttf')",
    "by_a_path_of_elsewhere": "TTFont('Mine', '/usr/share/fonts/opentype/DroidSansFallback.ttf')",
    "registered_already": "pdfmetrics.getFont('DroidSansFallback')",
    "of_the_reader": "UnicodeCIDFont('STSong-Light')",
}


@pytest.mark.parametrize("expression", FOUND.values(), ids=FOUND.keys())
async def test_a_font_is_found(run: Runs, expression: str) -> None:
    code = (
        "from reportlab.pdfbase import pdfmetrics\nfrom reportlab.pdfbase.ttfonts import TTFont\n"
        "from reportlab.pdfbase.cidfonts import UnicodeCIDFont\n"
        f"font = {expression}\npdfmetrics.registerFont(font)\nassert font.stringWidth('中', 10) > 0"
    )

    ended = await run(code)

    assert ended.failure is None, ended.failure


async def test_a_font_that_is_not_there_is_answered_with_those_that_are(run: Runs) -> None:
    ended = await run("from reportlab.pdfbase.ttfonts import TTFont\nTTFont('Arial', 'arial.ttf')")

    assert ended.failure is not None
    assert "There is no font arial.ttf here. There are: DejaVuSans.ttf, " in ended.failure.message


async def test_pillow_finds_them_too(run: Runs) -> None:
    code = """
from PIL import ImageFont
for name in ("DejaVuSans.ttf", "/usr/share/fonts/nowhere/DroidSansFallback.ttf"):
    assert ImageFont.truetype(name, 20).getlength("x") > 5
"""

    ended = await run(code)

    assert ended.failure is None, ended.failure

"""Names, roles, sizes, contrast, and what a screen reader hears."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.canned import give, ready, show, state
from tests.browser.chat import FAILING, bar, card, send

CONTROLS = """() => {
    const roots = [document, ...[...document.querySelectorAll("*")].map(n => n.shadowRoot)];
    const controls = roots.filter(Boolean).flatMap(root =>
      [...root.querySelectorAll("button, a, summary, textarea, input")]);
    return controls.filter(node => node.checkVisibility()).map(node => {
      const target = node.type === "radio" ? node.closest("label") : node;
      const { width, height } = target.getBoundingClientRect();
      const label = node.labels?.[0]?.textContent;
      const name = node.getAttribute("aria-label") || label || node.textContent;
      return { name: name.trim(), width, height };
    });
}"""

# Relative luminance and contrast as WCAG 2.2 defines them.
CONTRAST = """pairs => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const probe = document.body.appendChild(document.createElement("i"));
    const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const luminance = token => {
      probe.style.color = `var(--pr-${token})`;
      context.fillStyle = getComputedStyle(probe).color;
      context.fillRect(0, 0, 1, 1);
      const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map(channel);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    return pairs.map(([above, below]) => {
      const [light, dark] = [luminance(above), luminance(below)].sort((a, b) => b - a);
      return (light + 0.05) / (dark + 0.05);
    });
}"""

TEXT_PAIRS = [
    (text, ground)
    for text in ("text", "quiet", "accent", "ready", "failed", "attention")
    for ground in ("paper", "surface", "sunken")
] + [
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("text", "failed-tint"),
    ("text", "hover"),
    ("quiet", "hover"),
]
GLYPH_PAIRS = [
    (glyph, ground)
    for glyph in ("spreadsheet", "document", "pdf", "presentation", "edge")
    for ground in ("surface", "sunken")
]


@pytest.fixture(params=["light", "dark"])
async def themed(request: pytest.FixtureRequest, page: Page) -> Page:
    await page.emulate_media(color_scheme=request.param)
    return page


async def test_every_control_has_a_name_and_is_large_enough(page: Page) -> None:
    await (
        (await send(page, FAILING, "Sales with a mistake"))
        .get_by_text("Details", exact=True)
        .wait_for()
    )
    await give(page, ready(3))
    await show(page)
    await card(page, "Canned.xlsx").wait_for()

    controls = await page.evaluate(CONTROLS)

    assert len(controls) > 12
    assert [c for c in controls if not c["name"]] == []
    assert [c for c in controls if c["height"] < 24 or c["width"] < 24] == []


async def test_colours_keep_enough_contrast(themed: Page) -> None:
    texts = await themed.evaluate(CONTRAST, TEXT_PAIRS)
    glyphs = await themed.evaluate(CONTRAST, GLYPH_PAIRS)

    assert [p for p, ratio in zip(TEXT_PAIRS, texts, strict=True) if ratio < 4.5] == []
    assert [p for p, ratio in zip(GLYPH_PAIRS, glyphs, strict=True) if ratio < 3] == []


async def test_bar_says_nothing_it_does_not_know(page: Page) -> None:
    await give(page, state(2, age_seconds=5))
    await show(page)

    unknown = bar(card(page, "Canned"))

    await expect(unknown).to_have_accessible_name("Progress of Canned")
    assert await unknown.get_attribute("aria-valuenow") is None


async def test_bar_says_what_it_knows(page: Page) -> None:
    await give(page, state(2, progress=45, age_seconds=5))
    await show(page)

    known = bar(card(page, "Canned"))

    await expect(known).to_have_attribute("aria-valuenow", "45")
    await expect(known).to_have_attribute("aria-valuetext", "45%")


async def test_card_is_an_article_with_name_and_description(page: Page) -> None:
    await give(page, ready(3))
    await show(page)

    article = card(page, "Canned.xlsx")

    await expect(article).to_have_accessible_name("Canned.xlsx")
    await expect(article).to_have_accessible_description(re.compile("Ready.*4 sheets.*38 KB"))


async def test_stages_are_spoken_at_most_every_ten_seconds(page: Page) -> None:
    said = await page.evaluate(
        """async () => {
            const { Announcer } = await import("/client/announcer.js");
            const region = document.createElement("p");
            const announcer = new Announcer(region);
            const said = [];
            for (const sentence of ["Starting", "Sheet 1", "Sheet 2"]) {
              announcer.say(sentence);
              said.push(region.textContent);
            }
            announcer.sayNow("Ready");
            return [...said, region.textContent];
        }"""
    )

    assert said == ["Starting", "Starting", "Starting", "Ready"]


async def test_end_of_a_job_is_spoken(page: Page) -> None:
    await give(page, state(2, message="Writing"), ready(3))
    await show(page)

    status = card(page, "Canned.xlsx").get_by_role("status")

    await expect(status).to_have_text("Canned.xlsx: Ready")


async def test_nothing_moves_for_those_who_asked_for_stillness(page: Page) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await give(page, state(2, age_seconds=5))
    await show(page)

    fill = bar(card(page, "Canned")).locator("span")

    await expect(fill).to_have_css("animation-name", "none")


async def test_theme_button_goes_round_and_is_remembered(page: Page) -> None:
    button = page.get_by_role("button", name="Theme")
    shown = "getComputedStyle(document.documentElement).colorScheme"

    await button.click()
    await button.click()
    await expect(button).to_have_accessible_name("Theme: dark")
    assert await page.evaluate(shown) == "dark"

    await page.reload()
    await expect(button).to_have_accessible_name("Theme: dark")


async def test_card_mirrors_in_a_page_that_reads_from_the_right(page: Page) -> None:
    await page.evaluate("document.documentElement.dir = 'rtl'")
    await give(page, state(2, progress=25, age_seconds=5))
    await show(page)
    progress = bar(card(page, "Canned"))

    whole = await progress.bounding_box()
    filled = await progress.locator("span").bounding_box()

    assert whole
    assert filled
    assert filled["x"] + filled["width"] == pytest.approx(whole["x"] + whole["width"], abs=1)

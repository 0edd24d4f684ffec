from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

places = [
    ("京都", "伏見稲荷大社", "千本鳥居で有名な神社です。"),
    ("杭州", "西湖", "“欲把西湖比西子，淡妆浓抹总相宜。”"),
    ("부산", "해운대", "한국에서 가장 유명한 해변입니다. 🏖️"),
    ("القاهرة", "خان الخليلي", "سوق قديم في قلب المدينة."),
]

prs = Presentation()
cover = prs.slides.add_slide(prs.slide_layouts[0])
cover.shapes.title.text = "Asia & beyond ✈️"
cover.placeholders[1].text = "旅行プラン · 旅行计划 · 여행 계획 · خطة السفر"

for city, sight, text in places:
    slide = prs.slides.add_slide(prs.slide_layouts[3])
    slide.shapes.title.text = f"{city} – {sight}"
    slide.placeholders[1].text = text
    slide.placeholders[2].text = "\n".join(f"Day {day}: …" for day in (1, 2, 3))
    for run in slide.placeholders[1].text_frame.paragraphs[0].runs:
        run.font.size = Pt(24)
        east_asian = run._r.get_or_add_rPr().makeelement(qn("a:ea"), {"typeface": "Noto Sans CJK SC"})
        run._r.get_or_add_rPr().append(east_asian)

prs.save("/home/user/travel.pptx")

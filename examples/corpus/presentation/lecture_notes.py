from dataclasses import dataclass, field
from itertools import count
from textwrap import dedent, shorten

from pptx import Presentation
from pptx.util import Pt


@dataclass(slots=True)
class Slide:
    title: str
    points: list[str] = field(default_factory=list)
    notes: str = ""


LECTURE = [
    Slide("Photosynthesis", notes="Ask who has a garden."),
    Slide("Light reactions", ["In the thylakoid membranes", "Water is split", "ATP and NADPH are made"],
          dedent("""
              Draw the Z-scheme on the board.
              Common question: why is chlorophyll green?
          """).strip()),
    Slide("The Calvin cycle", ["CO₂ is fixed by RuBisCO", "3 turns → 1 G3P", "6 CO₂ + 6 H₂O → C₆H₁₂O₆ + 6 O₂"],
          "Leave time for the worksheet."),
    Slide("Why it matters", ["Food", "Oxygen", "Climate"], "End with the satellite picture."),
]


class Deck:
    _numbers = count(1)

    def __init__(self):
        self.prs = Presentation()

    def add(self, content: Slide):
        layout = self.prs.slide_layouts[0 if not content.points else 1]
        slide = self.prs.slides.add_slide(layout)
        slide.shapes.title.text = f"{next(self._numbers)}. {content.title}"
        if content.points:
            frame = slide.placeholders[1].text_frame
            frame.text = content.points[0]
            for point in content.points[1:]:
                paragraph = frame.add_paragraph()
                paragraph.text = point
                paragraph.font.size = Pt(24)
        else:
            slide.placeholders[1].text = "Biology 101, lecture 7"
        slide.notes_slide.notes_text_frame.text = content.notes
        print(shorten(content.notes, width=40, placeholder="…"))
        return self

    def save(self, path="lecture.pptx"):
        self.prs.save(path)


deck = Deck()
for part in LECTURE:
    deck.add(part)
deck.save()

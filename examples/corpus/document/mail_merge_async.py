import asyncio
import string
from pathlib import Path
from typing import NamedTuple

from docx import Document
from docx.shared import Pt


class Recipient(NamedTuple):
    name: str
    city: str
    amount: float


TEMPLATE = string.Template(
    "Dear $name,\n\nthank you for your donation of $amount. It helps the library in $city to stay open.\n\nWarm regards,\nThe Friends of the Library"
)

RECIPIENTS = [
    Recipient("Anna Schmidt", "Köln", 50),
    Recipient("José Álvarez", "Sevilla", 120.5),
    Recipient("Sinéad O'Connor", "Cork", 20),
]


def write_letter(recipient: Recipient, folder: Path) -> Path:
    document = Document()
    document.styles["Normal"].font.size = Pt(12)
    body = TEMPLATE.substitute(name=recipient.name, city=recipient.city, amount=f"€{recipient.amount:,.2f}")
    for paragraph in body.split("\n\n"):
        document.add_paragraph(paragraph)
    path = folder / f"letter_{recipient.city.lower()}.docx"
    document.save(str(path))
    return path


async def main() -> None:
    folder = Path("output") / "letters"
    folder.mkdir(parents=True, exist_ok=True)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(asyncio.to_thread(write_letter, r, folder)) for r in RECIPIENTS]
    for task in tasks:
        print("wrote", task.result())
    await asyncio.sleep(0)


if __name__ == "__main__":
    asyncio.run(main())

"""GET /api/prompt: what to tell a language model so that its code fits, made of the same facts."""

import sys
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

import examples
from db import contract
from db.contract import FORMS, Form
from db.errors import JobTypeUnknown
from db.settings import MIB, Settings
from server.parts import parts
from server.wire import Json

RULES = """\
You write Python that makes {noun} ({suffix}). It runs once, in a sandbox, while a \
person waits for the file. Answer by calling {tool} with the whole program.

The program finds these names; do not define them:
{names}

Rules
- Save to OUTPUT_PATH: {save}.
- Python {python} with its standard library and: {libraries}. Nothing can be installed.
- No network, no other programs or processes, no input(), no command-line arguments, no files but \
those that the program writes itself. Every value stands in the program or comes from DATA.
- Pictures and charts are drawn: {pictures}.
- The document is complete in itself: no macros; no pictures, templates or data from elsewhere; no \
formulas that fetch or refer to other files. Links go to https://, http:// or mailto:.
- At most {seconds} seconds, {memory} MiB of memory, {disk} MiB of files; the result at most \
{artifact} MiB, the program {code} KiB.
- Let exceptions end the program: the error comes back to you with the line that raised it. Do not \
catch them to print a message.
- Dates and random numbers: take them from the request, or fix them, so that it comes out the same \
twice.
{own_rules}
Example
```python
{example}```
"""
OWN_RULES = {
    "spreadsheet": """\
- Write formulas, not their results, where a reader would expect them: sheet["C2"] = "=A2*B2".
- Begin the address of HYPERLINK with a text, HYPERLINK("https://…"&A2), never with a cell.
- Right to left: sheet.sheet_view.rightToLeft = True.
""",
    "document": """\
- Use the built-in styles (Title, Heading 1, List Bullet, Table Grid) instead of fonts of your own.
- Right to left: add <w:bidi/> to the properties of each paragraph and <w:rtl/> to its runs.
""",
    "pdf": """\
- Text of any script, emoji too, can be written in any font, Helvetica included, in the order in \
which it is read: fonts for Latin, Greek, Cyrillic, Hebrew, Arabic, Chinese, Japanese and Korean \
step in by themselves, right-to-left text is put in order and starts at the right. Do not reverse \
or reshape it.
- Fonts that can be named without registering: Helvetica, Times-Roman, Courier, DejaVuSans, \
DejaVuSans-Bold, DroidSansFallback, NotoEmoji.
- Long tables: platypus.LongTable with repeatRows=1. Put long texts of a cell into a Paragraph.
""",
    "presentation": """\
- Fill the placeholders of a layout before you add text boxes; at most six short lines a slide.
- Right to left: paragraph._p.get_or_add_pPr().set("rtl", "1") and PP_ALIGN.RIGHT.
""",
}


async def show(request: Request) -> Response:
    """GET /api/prompt: system prompt and tool of one document type, as JSON or as plain text."""
    parts(request).access.identify(request)
    document_type = request.query_params.get("documentType", "")
    if document_type not in FORMS:
        known = ", ".join(FORMS)
        raise JobTypeUnknown("documentType", f"unknown type {document_type!r}; use one of {known}")

    settings = parts(request).settings
    text = system_prompt(document_type, settings)
    if request.headers.get("accept", "").startswith("text/plain"):
        return PlainTextResponse(text)

    return Json(
        {
            "documentType": document_type,
            "systemPrompt": text,
            "tool": tool(document_type, settings),
            "libraries": _libraries(settings),
        }
    )


def system_prompt(document_type: str, settings: Settings) -> str:
    """Return what a model must know to write the program of one document type."""
    form = FORMS[document_type]
    libraries = _libraries(settings)
    return RULES.format(
        noun=_one(form.noun),
        suffix=form.suffix,
        tool=_tool_name(document_type),
        names="\n".join(f"  {name:<12} {meaning}" for name, meaning in contract.NAMES.items()),
        save=form.save,
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        libraries=", ".join(f"{name} {number}".strip() for name, number in libraries.items()),
        pictures=_pictures(libraries, form),
        seconds=f"{settings.job_timeout.total_seconds():g}",
        memory=settings.job_memory_bytes // MIB,
        disk=settings.job_disk_bytes // MIB,
        artifact=settings.artifact_limit_bytes // MIB,
        code=settings.code_limit_bytes // 1024,
        own_rules=OWN_RULES[document_type],
        example=examples.read_short(document_type),
    )


def tool(document_type: str, settings: Settings) -> dict[str, Any]:
    """Return the tool for function calling; its arguments are fields of POST /api/jobs."""
    form = FORMS[document_type]
    properties = {
        "title": {"type": "string", "description": "Title of the file, in the person's language."},
        "code": {
            "type": "string",
            "description": f"The whole Python program; it saves the {form.noun} to OUTPUT_PATH.",
            "maxLength": settings.code_limit_bytes,
        },
    }
    return {
        "type": "function",
        "function": {
            "name": _tool_name(document_type),
            "description": f"Make {_one(form.noun)} ({form.suffix}) by running a Python program.",
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            },
        },
    }


def _one(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOU' else 'a'} {noun}"


def _tool_name(document_type: str) -> str:
    return f"create_{document_type}"


def _libraries(settings: Settings) -> dict[str, str]:
    # The workers may have more than the server; what they preload is theirs for sure.
    preloaded = {module.partition(".")[0] for module in settings.preload}
    extra = {m: name for m, name in contract.EXTRA_LIBRARIES.items() if m in preloaded}
    names = {**contract.libraries(), **extra}.values()

    return {name: contract.version_of(name) for name in names}


def _pictures(libraries: dict[str, str], form: Form) -> str:
    ways = ["Pillow"]
    if "matplotlib" in libraries:
        ways.append("matplotlib (savefig to a file, then insert it)")
    if form.suffix != ".docx":
        ways.append(f"the charts of {form.library}")

    return " or ".join(ways)

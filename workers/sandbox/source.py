"""The Python in what an LLM sent: within Markdown, among notebook commands, or indented.

Compiles a stranger's text, so only the confined child may call it.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

MOST_COMMANDS = 20

_FENCE = re.compile(r"[ \t]*(?P<marks>`{3,}|~{3,})[ \t]*(?P<label>[^`\r\n]*)\r?")
_COMMAND = re.compile(r"^([ \t]*)[!%].*")


def compiled(code: str, file_name: str) -> CodeType:
    """Compile the code as it is, else what is Python in it, each line where it stands.

    Raises what compile() does, for the code as it is or the Python in its fences.
    """
    try:
        return _compiled(code, file_name)
    except SyntaxError as error:
        failure = error

    for reading in _readings(code):
        try:
            return _compiled(reading, file_name)
        except SyntaxError as error:
            failure = error
    raise failure


@dataclass(frozen=True, slots=True)
class _Fence:
    line: int
    marks: str
    label: str

    def ends(self, block: "_Fence") -> bool:
        """Whether it closes the block that another one opens."""
        return not self.label and self.marks.startswith(block.marks)


@dataclass(frozen=True, slots=True)
class _Block:
    label: str
    lines: range


def _readings(code: str) -> Iterator[str]:
    """Yield what the fences may hold, the likeliest last: its error is the one to tell."""
    lines = code.split("\n")
    fences = _fences(lines)
    if not fences or _is_in_a_string("\n".join(lines[: fences[0].line])):
        return

    first, last = fences[0].line + 1, fences[-1].line
    blocks = [block for block in _blocks(fences, len(lines)) if _holds_code(block, lines)]
    if not blocks:  # one that only ends
        yield _only(lines, [range(first - 1), range(last + 1, len(lines))])
        return

    # One block with fences in its strings; where it is several, this does not compile.
    yield _only(lines, [range(first, max(last, blocks[0].lines.stop))])
    yield _only(lines, _python(blocks))


def _fences(lines: list[str]) -> list[_Fence]:
    found = ((number, _FENCE.fullmatch(line)) for number, line in enumerate(lines))
    return [
        _Fence(number, fence["marks"], fence["label"].strip().lower())
        for number, fence in found
        if fence
    ]


def _is_in_a_string(before: str) -> bool:
    # A fence there is text that the code writes.
    try:
        compile(before, "before", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.msg.startswith("unterminated triple-quoted")

    return False


def _blocks(fences: list[_Fence], end: int) -> Iterator[_Block]:
    block: _Fence | None = None
    for fence in fences:
        if block is None:
            block = fence
        elif fence.ends(block):
            yield _Block(block.label, range(block.line + 1, fence.line))
            block = None
    if block is not None:  # cut off before its end
        yield _Block(block.label, range(block.line + 1, end))


def _holds_code(block: _Block, lines: list[str]) -> bool:
    return any(lines[number].strip() for number in block.lines)


def _python(blocks: list[_Block]) -> list[range]:
    """Choose those that say so, else those that say nothing, else all."""
    named = [block.lines for block in blocks if block.label.lstrip("{.").startswith("py")]
    unnamed = [block.lines for block in blocks if not block.label]
    return named or unnamed or [block.lines for block in blocks]


def _only(lines: list[str], kept: list[range]) -> str:
    numbers = {number for block in kept for number in block}
    return "\n".join(line if number in numbers else "" for number, line in enumerate(lines))


def _compiled(code: str, file_name: str) -> CodeType:
    for _ in range(MOST_COMMANDS):
        try:
            return compile(code, file_name, "exec", dont_inherit=True)
        except SyntaxError as error:
            mended = _mended(code, error)
            if mended == code:
                raise
            code = mended

    return compile(code, file_name, "exec", dont_inherit=True)


def _mended(code: str, error: SyntaxError) -> str:
    """Return the code without the indentation or notebook command that the compiler met."""
    if isinstance(error, IndentationError):
        return textwrap.dedent(code)

    lines = code.split("\n")
    number = (error.lineno or 0) - 1
    if number in range(len(lines)):
        lines[number] = _COMMAND.sub(r"\1pass", lines[number])

    return "\n".join(lines)

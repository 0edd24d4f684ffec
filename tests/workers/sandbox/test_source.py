"""Code as LLMs send it: the Python in it runs, and every line keeps its number."""

import pytest

from tests.workers.sandbox.conftest import Runs
from workers.sandbox import source

CODE = "x = 1\nprint(x)"
DRESSED = {
    "fence": f"```python\n{CODE}\n```",
    "own_label": f"```python-spreadsheet\n{CODE}\n```\n",
    "any_label": f"```tool_code\n{CODE}\n```\n",
    "braces": f"```{{python}}\n{CODE}\n```",
    "blank_lines_around": f"\n\n```\n{CODE}\n```  ",
    "tildes": f"~~~py\n{CODE}\n~~~",
    "four_marks": f"````python\n{CODE}\n````",
    "windows": f"```python\n{CODE}\n```\n".replace("\n", "\r\n"),
    "prose_before": f"Here's the script you asked for:\n\n```python\n{CODE}\n```",
    "prose_after": f"```python\n{CODE}\n```\n\nThis doesn't need more than openpyxl.",
    "prose_around": f"Sure! It's here:\n```python\n{CODE}\n```\nLet me know.\n",
    "no_end": f"It's here:\n```python\n{CODE}",
    "two": "First:\n```python\nx = 1\n```\nThen print it:\n```python\nprint(x)\n```\n",
    "shell_before": f"```bash\npip install openpyxl\n```\n```python\n{CODE}\n```",
    "output_after": f"```python\n{CODE}\n```\nprints\n```\n1\n```",
    "in_a_list": "1. Run\n   ```python\n   x = 1\n   print(x)\n   ```",
    "magics": "%matplotlib inline\n!pip install openpyxl\nx = 1\nif x:\n    !ls it's\nprint(x)",
    "magics_in_a_fence": f"```python\n!pip install pandas\n{CODE}\n```",
    "indented": "    x = 1\n    print(x)\n",
}


@pytest.mark.parametrize("code", DRESSED.values(), ids=DRESSED.keys())
async def test_the_python_in_it_runs_where_it_stands(run: Runs, code: str) -> None:
    last = next(n for n, line in enumerate(code.splitlines(), 1) if "print(x)" in line)
    broken = code.replace("print(x)", "print(x); y")

    ended, failed = await run(code), await run(broken)

    assert (ended.failure, ended.stdout) == (None, "1\n")
    assert failed.failure is not None
    assert (failed.failure.type, failed.failure.line) == ("NameError", last)


@pytest.mark.parametrize("code", DRESSED.values(), ids=DRESSED.keys())
def test_a_real_mistake_is_told_at_its_own_line(code: str) -> None:
    line = next(n for n, line in enumerate(code.splitlines(), 1) if "print(x)" in line)

    with pytest.raises(SyntaxError) as raised:
        source.compiled(code.replace("print(x)", "print x"), "script.py")

    assert raised.value.lineno == line


TEXT = 'text = """\n```python\nls\n```\n!ls\n%d\n    deep\n"""\n'
WRITTEN = "\n```python\nls\n```\n!ls\n%d\n    deep\n"


@pytest.mark.parametrize(
    "code",
    [TEXT, f"```python\n{TEXT}```", f"So:\n````\n{TEXT}````\n", f"!pip install x\n{TEXT}"],
)
def test_fences_and_commands_in_a_string_are_text(code: str) -> None:
    names: dict[str, str] = {}

    exec(source.compiled(code, "script.py"), names)

    assert names["text"] == WRITTEN


def test_a_mistake_after_a_fence_in_a_string_is_told_as_it_is() -> None:
    with pytest.raises(SyntaxError) as raised:
        source.compiled(f"{TEXT}print(text", "script.py")

    assert (raised.value.lineno, raised.value.msg) == (9, "'(' was never closed")


def test_a_fence_that_only_ends_is_taken_off() -> None:
    names: dict[str, int] = {}

    exec(source.compiled("x = 1\n```\n", "script.py"), names)

    assert names["x"] == 1


def test_prose_alone_is_a_syntax_error() -> None:
    with pytest.raises(SyntaxError):
        source.compiled("I cannot make this document.\n```\n```\n", "script.py")

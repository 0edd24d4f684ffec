"""The libraries of the extra `documents-full`: read late or preloaded, in the limits of a run."""

from collections.abc import AsyncIterator
from dataclasses import replace
from importlib.util import find_spec

import pytest

from db.settings import Settings
from tests.workers.sandbox.conftest import LIMITS, Runs
from workers.sandbox import Sandbox, libraries
from workers.sandbox.values import LEAST_MEMORY_BYTES

pytestmark = pytest.mark.skipif(
    not (find_spec("pandas") and find_spec("matplotlib")), reason="without documents-full"
)

CHART = """
import matplotlib.pyplot as plt
plt.bar(["a", "b"], [3, 5])
plt.savefig("/tmp/chart.png")
from PIL import Image
assert Image.open("/tmp/chart.png").size == (640, 480)
"""
SOLVE = """
import numpy
a = numpy.random.rand(300, 300)
numpy.linalg.solve(a, a)
"""
FRAME = """
import pandas as pd
frame = pd.DataFrame({"city": ["Lyon", "Oslo"], "sales": [3, 5]})
frame.groupby("city").sum().to_excel("/mnt/data/x.xlsx", engine="openpyxl")
frame.to_excel("/mnt/data/y.xlsx", engine="xlsxwriter")
assert pd.read_excel("/mnt/data/x.xlsx")["sales"].tolist() == [3, 5]
"""


@pytest.fixture(scope="module")
async def preloading(sandbox_settings: Settings) -> AsyncIterator[Sandbox]:
    wanted = replace(sandbox_settings, preload=("pandas", "matplotlib.pyplot"))
    async with Sandbox(wanted, slots=1) as sandbox:
        yield sandbox


@pytest.mark.parametrize("code", [CHART, SOLVE, FRAME], ids=["chart", "solve", "frame"])
async def test_what_is_not_preloaded_is_read_by_the_run(run: Runs, code: str) -> None:
    ended = await run("import sys\nassert 'pandas' not in sys.modules\n" + code)

    assert ended.failure is None, ended.failure


@pytest.mark.parametrize("code", [CHART, SOLVE, FRAME], ids=["chart", "solve", "frame"])
async def test_what_is_preloaded_is_there_before_the_run(
    run: Runs, preloading: Sandbox, code: str
) -> None:
    ended = await run(
        "import sys\nassert {'pandas', 'matplotlib.pyplot'} <= set(sys.modules)\n" + code,
        sandbox=preloading,
    )

    assert ended.failure is None, ended.failure


async def test_the_fonts_are_not_searched_again_by_each_run(run: Runs, preloading: Sandbox) -> None:
    code = (
        "import os\n"
        + CHART
        + "print([n for _, d, f in os.walk('.') for n in d + f if 'font' in n])"
    )

    late, early = await run(code), await run(code, sandbox=preloading)

    assert "fontlist" in late.stdout
    assert early.stdout == "[]\n"


async def test_runs_do_not_share_the_random_numbers_of_numpy(
    run: Runs, preloading: Sandbox
) -> None:
    code = "import numpy\nprint(numpy.random.rand(), numpy.random.default_rng().random())"

    first, second = [await run(code, sandbox=preloading) for _ in range(2)]

    assert first.stdout != second.stdout


async def test_the_least_memory_is_enough_for_a_chart(run: Runs) -> None:
    ended = await run(CHART, limits=replace(LIMITS, memory_bytes=LEAST_MEMORY_BYTES))

    assert ended.failure is None, ended.failure


def test_a_module_that_is_not_there_is_named() -> None:
    with pytest.raises(SystemExit, match="PRESSROOM_PRELOAD: there is no pandaz beside the worker"):
        libraries.load(["pandaz"])

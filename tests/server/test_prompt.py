"""What language models are told is what the settings, the workers and the route of jobs say."""

import sys
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from db import contract
from db.payloads import JOB_TYPES
from db.settings import MIB, Settings
from server import prompt
from server.requests import JobRequest
from workers.sandbox import fonts

LIMITED = {
    "job_timeout": timedelta(seconds=77),
    "job_memory_bytes": 777 * MIB,
    "job_disk_bytes": 99 * MIB,
    "artifact_limit_bytes": 7 * MIB,
    "code_limit_bytes": 64 * 1024,
}


@pytest.fixture
def limited(local_settings: Settings) -> Settings:
    return replace(local_settings, **LIMITED)


@pytest.mark.parametrize("document_type", contract.FORMS)
async def test_the_prompt_of_a_type_names_its_file_and_its_tool(
    reader: httpx2.AsyncClient, document_type: str
) -> None:
    answer = (await reader.get("/api/prompt", params={"documentType": document_type})).json()

    form = contract.FORMS[document_type]
    function = answer["tool"]["function"]
    assert answer["documentType"] == document_type
    assert f"{form.noun} ({form.suffix})" in answer["systemPrompt"]
    assert form.save in answer["systemPrompt"]
    assert f"by calling {function['name']} with" in answer["systemPrompt"]
    assert answer["tool"]["type"] == "function"
    assert function["parameters"]["required"] == ["title", "code"]
    assert "{" not in answer["systemPrompt"].partition("Example")[0]


def test_every_document_type_has_a_form() -> None:
    assert list(contract.FORMS) == list(JOB_TYPES)


def test_the_arguments_of_the_tool_are_fields_of_a_job(limited: Settings) -> None:
    parameters = prompt.tool("pdf", limited)["function"]["parameters"]

    fields = {field.alias or name for name, field in JobRequest.model_fields.items()}
    assert set(parameters["properties"]) <= fields
    assert parameters["properties"]["code"]["maxLength"] == 64 * 1024


def test_the_limits_are_those_of_the_settings(limited: Settings) -> None:
    text = prompt.system_prompt("document", limited)

    assert "At most 77 seconds, 777 MiB of memory, 99 MiB of files" in text
    assert "at most 7 MiB, the program 64 KiB" in text


def test_the_names_and_libraries_are_those_of_the_contract(limited: Settings) -> None:
    text = prompt.system_prompt("presentation", limited)

    assert all(f"  {name} " in text for name in contract.NAMES)
    assert all(name in text for name in contract.LIBRARIES.values())
    assert f"openpyxl {contract.version_of('openpyxl')}" in text
    assert f"Python {sys.version_info.major}.{sys.version_info.minor} with" in text


def test_what_the_workers_preload_may_be_used(
    limited: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contract, "libraries", lambda: dict(contract.LIBRARIES))
    monkeypatch.setattr(contract, "version_of", lambda _: "")

    without = prompt.system_prompt("pdf", limited)
    having = prompt.system_prompt("pdf", replace(limited, preload=("matplotlib.pyplot",)))

    assert "matplotlib" not in without
    assert "Pillow, matplotlib. Nothing can be installed" in having
    assert "matplotlib (savefig to a file, then insert it)" in having


def test_the_prompt_for_pdf_names_every_font(limited: Settings) -> None:
    text = prompt.system_prompt("pdf", limited)

    assert all(name in text for name in (*fonts.FONTS, *fonts.BOLD.values()))


async def test_it_comes_as_plain_text_too(reader: httpx2.AsyncClient) -> None:
    answer = await reader.get("/api/prompt?documentType=pdf", headers={"Accept": "text/plain"})

    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith("You write Python that makes a PDF (.pdf).")


@pytest.mark.parametrize("query", ["", "?documentType=video", "?documentType="])
async def test_another_type_is_answered_with_those_there_are(
    reader: httpx2.AsyncClient, query: str
) -> None:
    answer = await reader.get(f"/api/prompt{query}")

    assert answer.status_code == 422
    assert answer.json()["field"] == "documentType"
    assert "use one of spreadsheet, document, pdf, presentation" in answer.json()["detail"]


async def test_who_may_not_post_jobs_is_told_nothing(guarded: httpx2.AsyncClient) -> None:
    assert (await guarded.get("/api/prompt?documentType=pdf")).status_code == 401

"""PDF: what happens on opening is showing a page."""

from typing import Any

import pikepdf
import pytest

from tests.workers.opening.files import with_object

Name, Dictionary = pikepdf.Name, pikepdf.Dictionary


def opening(**keys: Any) -> bytes:
    return with_object({"/OpenAction": Dictionary(**keys)})


@pytest.mark.parametrize("command", ["Print", "SaveAs", "Quit", "OpenDoc"])
def test_a_command_of_the_menu_is_no_way_to_open(check: Any, command: str):
    harmful = opening(S=Name.Named, N=Name(f"/{command}"))

    assert check(harmful, ".pdf")["refused"] == "active_content"
    assert "facts" in check(opening(S=Name.Named, N=Name.LastPage), ".pdf")


def test_a_signature_is_refused_since_its_certificates_are_fetched(check: Any):
    signed = {
        "/V": Dictionary(Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), ByteRange=[0, 1, 2, 3])
    }
    unsigned = {"/V": Dictionary(FT=Name.Sig, T=pikepdf.String("Sign here"))}

    assert check(with_object(signed), ".pdf")["refused"] == "active_content"
    assert "facts" in check(with_object(unsigned), ".pdf")

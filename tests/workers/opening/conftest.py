"""What all tests of the check share."""

import json
from typing import Any

import pytest

from workers.opening import checks


@pytest.fixture
def check(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> Any:
    """Check bytes as the child does; return what it prints."""

    def check(file: bytes, suffix: str) -> dict[str, Any]:
        source = tmp_path / "document"
        source.write_bytes(file)
        checks.main(suffix, str(source))
        return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]

    return check

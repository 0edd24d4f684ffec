"""Files for one owner, written in folders where another user may lay traps."""

import os
from pathlib import Path

from db.embedded.identity import Identity


def write(path: Path, text: str, owner: Identity) -> None:
    """Write or replace a file that only its owner can read; links are replaced, not followed."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchown(descriptor, owner.uid, owner.gid)
        file.write(text)

    fresh.replace(path)

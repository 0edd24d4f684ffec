"""All attacks, and the script that makes many of them in one run and judges each."""

from collections.abc import Iterator
from typing import Any

from tests.workers.sandbox.attacks import Attack
from tests.workers.sandbox.attacks.calls import CALLS
from tests.workers.sandbox.attacks.files import FILES
from tests.workers.sandbox.attacks.processes import ALONE, PROCESSES
from tests.workers.sandbox.attacks.sockets import SOCKETS

TOGETHER = {"files": FILES, "sockets": SOCKETS, "processes": PROCESSES, "calls": CALLS}
ATTACKS = {name: attack for group in (*TOGETHER.values(), ALONE) for name, attack in group.items()}

# One run makes many attacks; each is judged by the error that the kernel gave it.
JUDGE = """
import errno, json, warnings
warnings.simplefilter("ignore")
def judged(name, code):
    space = {**globals(), "DATA": DATA["targets"]}
    try:
        exec(compile(code, name, "exec"), space)
    except OSError as error:
        return "refused" if error.errno in REFUSED else repr(error)
    except BaseException as error:
        return repr(error)
    return "open"
REFUSED = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EXDEV, errno.EROFS)
print(json.dumps({name: judged(name, code) for name, code in DATA["attacks"].items()}))
"""


def runs() -> Iterator[dict[str, Attack]]:
    """All attacks, as they go into one run together."""
    yield from TOGETHER.values()
    for name, attack in ALONE.items():
        yield {name: attack}


def missing(report: dict[str, Any]) -> frozenset[str]:
    """The layers that a sandbox says it has not, where an attack may count on that."""
    absent = {"uid": report["uid"] == "shared", "namespaces": report["namespaces"] == "off"}
    return frozenset(layer for layer, is_absent in absent.items() if is_absent)

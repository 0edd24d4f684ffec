"""Attacks as scripts, and which layers stop each: any one of them is enough.

So the outcome is known for every set of layers that is taken away, and the suite demands it: an
attack gets through exactly when none of its layers is left.

files       reading, writing and replacing what is not the run's
sockets     reaching anybody
processes   becoming more than one process, touching another
calls       system calls by number that no document needs
"""

from collections.abc import Collection
from dataclasses import dataclass

# What is taken away to show that it was the layer that stopped an attack.
LANDLOCK = frozenset({"landlock", "uid"})
SECCOMP = frozenset({"seccomp", "uid", "namespaces"})
BOTH = LANDLOCK | SECCOMP


@dataclass(frozen=True, slots=True)
class Attack:
    """A script that raises OSError when it is refused; DATA names the targets.

    `by` names the layers: landlock, seccomp, uid, namespaces; landlock6 counts from that ABI on;
    `kept` is one that cannot be taken away: no capabilities, or the kernel itself. `perhaps` may
    stop it, too, which depends on the machine: file modes, modules, sysctls.
    """

    code: str
    by: str
    perhaps: str = ""

    def gets_through(self, absent: Collection[str], abi: int) -> bool | None:
        """Whether it must, without these layers; None where nobody can know."""
        if not _named(self.by, abi) <= set(absent):
            return False

        return True if _named(self.perhaps, abi) <= set(absent) else None


def _named(layers: str, abi: int) -> set[str]:
    names = set()
    for word in layers.split():
        name = word.rstrip("0123456789")
        if abi >= int(word.removeprefix(name) or 0):
            names.add(name)

    return names

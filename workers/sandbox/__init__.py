"""Runs a stranger's Python: confined, fast, and with an answer whatever it does.

In the worker, in the order of a run:
    memory               how many slots there may be
    runner               one script in, one dead process and its directory out
    spares, generations  a child waits in each slot; one warm parent follows another
    parent, child, haste the worker's hold on a warm parent and on a run; how it dies soon
    directories, tmpfs   where a run lives
    supervise            its clock and its pipes; watch, streams, progress: disk, output, words
    verdict, collect     how it ended; what it left
    cgroups, delegation  an outer layer, where the worker was given one
    selftest, probes     attacks on all this, before the first claim
In the warm parent and its children:
    warm, libraries      imports everything, forks; speed, practice: so that runs cost less
    namespaces           an outer layer, where it is allowed
    confine              the layers in their order: identity, landlock, limits, seccomp
    script               reads, compiles and runs the code; source, failures, pace
    folders, installs    kindnesses to code that was written for another machine
    fonts, direction     letters that the fonts of PDF lack, in the order they are read
"""

from workers.sandbox.collect import Output, OutputInvalid, collect, collect_named
from workers.sandbox.progress import OnProgress
from workers.sandbox.runner import Sandbox
from workers.sandbox.values import Failure, Limits, Progress, Run, Script

__all__ = [
    "Failure",
    "Limits",
    "OnProgress",
    "Output",
    "OutputInvalid",
    "Progress",
    "Run",
    "Sandbox",
    "Script",
    "collect",
    "collect_named",
]

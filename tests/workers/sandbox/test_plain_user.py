"""The same attacks against a worker that is nobody: no root, no capability, no uid to drop to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workers.sandbox.parent import PROJECT

# Python may live in a home that only root may enter, so nobody gets one with a door; the rest
# of the file system is read-only, as in a hardened pod.
AS_NOBODY = """
set -eu
door=$1; shift
mount -t tmpfs -o mode=755 none "$door"
if [ -d /root/.pyenv ]; then
    mkdir "$door/.pyenv"
    mount --bind /root/.pyenv "$door/.pyenv"
    mount --rbind "$door" /root
fi
mount --bind "$PROJECT" "$PROJECT"
mount -o remount,bind,ro "$PROJECT"
exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs \
    --bounding-set=-all --inh-caps=-all "$@"
"""
IN_A_POD = (sys.executable, "-m", "tests.workers.sandbox.pod")


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming nobody in a mount namespace needs root")
@pytest.mark.timeout(180)  # a whole suite of its own
@pytest.mark.parametrize("surroundings", [(), IN_A_POD], ids=["laptop", "pod"])
def test_every_attack_is_refused_to_a_plain_user_as_well(
    tmp_path: Path, surroundings: tuple[str, ...]
) -> None:
    own = Path("/tmp") / f"nobody-{os.getpid()}"  # under pytest's own only root may enter
    own.mkdir()
    os.chown(own, 65534, 65534)
    command = [
        *("unshare", "--mount", "--propagation", "private"),
        *("sh", "-c", AS_NOBODY, "sh", str(tmp_path)),
        *surroundings,
        *(sys.executable, "-m", "pytest", "tests/workers/sandbox/test_attacks.py", "-q"),
        *("-k", "not uid"),  # there is none to take away
        *("-p", "no:cacheprovider", "--basetemp", str(own / "pytest")),
    ]
    environment = {"PATH": "/usr/bin:/bin:/usr/sbin", "HOME": str(own), "PROJECT": str(PROJECT)}

    try:
        ended = subprocess.run(
            command, cwd=PROJECT, env=environment, capture_output=True, text=True
        )
    finally:
        subprocess.run(["rm", "-rf", str(own)], check=True)

    assert ended.returncode == 0, ended.stdout + ended.stderr

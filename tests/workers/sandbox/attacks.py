"""Attacks as scripts: each must be refused, and get through when its layers are taken away.

A script prints "open" when it got what it wanted; DATA names the targets.
"""

from dataclasses import dataclass

LANDLOCK = frozenset({"landlock", "uid"})
SECCOMP = frozenset({"seccomp", "uid", "namespaces"})
BOTH = frozenset({"landlock", "seccomp", "uid", "namespaces"})


@dataclass(frozen=True, slots=True)
class Attack:
    """What is tried, and which layers must both be gone for it to succeed."""

    code: str
    stopped_by: frozenset[str]


ATTACKS = {
    # Reading
    "canary": Attack("open(DATA['canary']).read()", LANDLOCK),
    "environment_of_another": Attack(
        "assert b'SECRET' in open(f\"/proc/{DATA['victim']}/environ\", 'rb').read()", LANDLOCK
    ),
    "memory_of_another": Attack(
        "open(f\"/proc/{DATA['victim']}/mem\", 'rb')",
        LANDLOCK,
    ),
    "command_lines": Attack("open(f\"/proc/{DATA['victim']}/cmdline\", 'rb').read()", LANDLOCK),
    "process_list": Attack("import os; os.listdir('/proc')", LANDLOCK),
    "own_environment_block": Attack("open('/proc/self/environ', 'rb').read()", LANDLOCK),
    "passwd": Attack("open('/etc/passwd').read()", LANDLOCK),
    "root_by_proc": Attack("open('/proc/self/root/etc/passwd').read()", LANDLOCK),
    "root_by_descriptor": Attack(
        "import os; os.open('etc/passwd', os.O_RDONLY, dir_fd=os.open('/', os.O_PATH))", LANDLOCK
    ),
    "up_from_the_libraries": Attack(
        "import docx, os; os.listdir(os.path.dirname(docx.__file__) + '/../../../../../db')",
        LANDLOCK,
    ),
    "our_source": Attack("open(DATA['source']).read()", LANDLOCK),
    "parent_folder": Attack("import os; os.listdir('..')", LANDLOCK),
    "other_run": Attack("import os; os.listdir(DATA['other'])", LANDLOCK),
    "xml_entity": Attack(
        "from lxml import etree\n"
        'text = f\'<!DOCTYPE x [<!ENTITY e SYSTEM "{DATA["canary"]}">]><x>&e;</x>\'\n'
        "parser = etree.XMLParser(resolve_entities=True, no_network=False)\n"
        "try: found = etree.fromstring(text, parser).text\n"
        "except etree.XMLSyntaxError as e: raise PermissionError(13, str(e))\n"
        "assert 'secret' in found",
        LANDLOCK,
    ),
    # Writing
    "write_to_another_run": Attack("open(DATA['other'] + '/planted', 'w')", LANDLOCK),
    "truncate_anothers_file": Attack("import os; os.truncate(DATA['prey'], 0)", BOTH),
    "delete_anothers_file": Attack("import os; os.unlink(DATA['prey'])", LANDLOCK),
    "move_out": Attack(
        "import os; open('x', 'w'); os.rename('x', DATA['other'] + '/moved')", LANDLOCK
    ),
    "shared_memory": Attack("open('/dev/' + 'shm/pressroom-test', 'w')", LANDLOCK),
    "symbolic_link": Attack("import os; os.symlink('/etc/passwd', OUTPUT_PATH)", BOTH),
    "hard_link": Attack(
        "import os; open('a', 'w'); os.link('a', OUTPUT_PATH)", frozenset({"seccomp", "uid"})
    ),
    "fifo": Attack("import os; os.mkfifo(OUTPUT_PATH)", BOTH),
    # Talking
    "tcp": Attack("import socket; socket.create_connection(('127.0.0.1', DATA['tcp']), 1)", BOTH),
    "tcp_server": Attack("import socket; socket.create_server(('127.0.0.1', 0))", BOTH),
    "udp": Attack(
        "import socket\nsocket.socket(2, 2).sendto(b'x', ('127.0.0.1', DATA['udp']))", SECCOMP
    ),
    "unix_stream": Attack("import socket; socket.socket(1, 1).connect(DATA['stream'])", SECCOMP),
    "unix_datagram_pair": Attack(
        "import socket\na, b = socket.socketpair(1, 2)\na.sendto(b'x', DATA['datagram'])", SECCOMP
    ),
    "unix_abstract": Attack("import socket; socket.socket(1, 1).connect(DATA['abstract'])", BOTH),
    "netlink": Attack("import socket; socket.socket(16, 3, 0)", SECCOMP),
    # Processes
    "fork": Attack("import os\nif os.fork() == 0: os._exit(0)", SECCOMP),
    "daemon": Attack(
        "import os\nif os.fork() == 0:\n    os.setsid()\n    os.fork()\n    os._exit(0)",
        SECCOMP,
    ),
    "exec": Attack("import subprocess; subprocess.run(['/bin/true'])", BOTH),
    "kill": Attack("import os; os.kill(DATA['victim'], 0)", BOTH),
    "kill_everything": Attack("import os; os.kill(-1, 0)", SECCOMP),
    "signal_by_descriptor": Attack(
        "import fcntl, os\nr, w = os.pipe()\nfcntl.fcntl(r, fcntl.F_SETOWN, DATA['victim'])", BOTH
    ),
    "anothers_limits": Attack(
        "import resource; resource.prlimit(DATA['victim'], resource.RLIMIT_NOFILE, (9, 9))",
        SECCOMP,
    ),
    "anothers_cores": Attack("import os; os.sched_setaffinity(DATA['victim'], {0})", SECCOMP),
    "anothers_niceness": Attack("import os; os.setpriority(0, DATA['victim'], 19)", SECCOMP),
    "outlive_the_parent": Attack(
        "import ctypes\nif ctypes.CDLL(None).prctl(1, 0): raise PermissionError(1, 'prctl')",
        SECCOMP,
    ),
    "memory_file": Attack("import os; os.memfd_create('x')", SECCOMP),
    "user_namespace": Attack(
        "import ctypes\n"
        "if ctypes.CDLL(None).unshare(0x10000000): raise PermissionError(1, 'unshare')",
        SECCOMP,
    ),
}

# Refused in any case, by number, with no argument that makes sense: (x86_64, aarch64).
FORBIDDEN_CALLS = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "mount": (165, 40),
    "chroot": (161, 51),
    "setns": (308, 268),
    "setuid": (105, 146),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "execveat": (322, 281),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "vmsplice": (278, 75),
    "kcmp": (312, 272),
    "process_madvise": (440, 440),
    "personality": (135, 92),
    "rt_sigqueueinfo": (129, 138),
    "tkill": (200, 130),
    "memfd_secret": (447, 447),
    "clone3": (435, 435),
}

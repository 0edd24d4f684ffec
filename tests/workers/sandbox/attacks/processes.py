"""Becoming more than one process, outliving the run, touching another."""

from tests.workers.sandbox.attacks import Attack
from tests.workers.sandbox.attacks.sockets import _LIBC

PROCESSES = {
    "fork": Attack("import os\nif os.fork() == 0: os._exit(0)", "seccomp"),
    "daemon": Attack(
        "import os\nif os.fork() == 0:\n    os.setsid()\n    os.fork()\n    os._exit(0)", "seccomp"
    ),
    "process_by_multiprocessing": Attack(
        "import multiprocessing, os\n"
        "multiprocessing.get_context('fork').Process(target=os._exit, args=(0,)).start()",
        "seccomp",
    ),
    "program": Attack(
        "import subprocess; subprocess.run(['/bin/true'], check=True)", "landlock seccomp"
    ),
    "program_by_spawning": Attack(
        "import os; os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)", "landlock seccomp"
    ),
    "program_by_the_shell": Attack(
        "import os\nif os.system('exit 3') != 3 << 8: raise PermissionError(1, 'system')",
        "landlock seccomp",
    ),
    "program_in_a_pipe": Attack(
        "import os\nif not os.popen('echo open').read(): raise PermissionError(1, 'popen')",
        "landlock seccomp",
    ),
    "package_installer": Attack(
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', ''], check=True)",
        "landlock seccomp",
        perhaps="uid",
    ),
    "program_in_memory": Attack("import os; os.memfd_create('x')", "seccomp"),
    # Another's life
    "kill": Attack("import os; os.kill(DATA['victim'], 0)", "seccomp uid landlock6"),
    "kill_by_thread": Attack(
        _LIBC + "call('tgkill', DATA['victim'], DATA['victim'], 0)", "seccomp uid landlock6"
    ),
    "kill_by_descriptor": Attack(
        "import os, signal\nsignal.pidfd_send_signal(os.pidfd_open(DATA['victim']), 0)",
        "seccomp uid landlock6",
    ),
    "kill_by_queue": Attack(
        _LIBC + "call('sigqueue', DATA['victim'], 0, ctypes.c_void_p())", "seccomp uid landlock6"
    ),
    "kill_everything": Attack("import os; os.kill(-1, 0)", "seccomp"),
    "kill_the_group": Attack("import os; os.kill(0, 0)", "seccomp"),
    "descriptor_of_a_process": Attack("import os; os.pidfd_open(DATA['victim'])", "seccomp"),
    "trace": Attack(
        _LIBC + "call('ptrace', 0x4206, DATA['victim'], 0, 0)",
        "seccomp uid landlock",
        perhaps="kept namespaces",
    ),
    "read_anothers_memory": Attack(
        _LIBC + "buffer = ctypes.create_string_buffer(8)\n"
        "ours = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)\n"
        "theirs = (ctypes.c_size_t * 2)(8, 8)\n"
        "try: call('process_vm_readv', DATA['victim'], ours, 1, theirs, 1, 0)\n"
        "except OSError as error:\n    if error.errno != 14: raise  # EFAULT: it looked there",
        "seccomp uid landlock",
        perhaps="kept namespaces",
    ),
    "anothers_limits": Attack(
        "import resource; resource.prlimit(DATA['victim'], resource.RLIMIT_NOFILE, (9, 9))",
        "seccomp uid",
    ),
    "anothers_cores": Attack(
        "import os; os.sched_setaffinity(DATA['victim'], {min(os.sched_getaffinity(0))})",
        "seccomp uid",
    ),
    "anothers_scheduler": Attack(
        "import os; os.sched_setscheduler(DATA['victim'], 5, os.sched_param(0))", "seccomp uid"
    ),
    "anothers_niceness": Attack("import os; os.setpriority(0, DATA['victim'], 19)", "seccomp uid"),
    "anothers_disk_priority": Attack(
        _LIBC + "call('syscall', 251 if os.uname().machine == 'x86_64' else 30, 1,"
        " DATA['victim'], 3 << 13)",
        "seccomp uid",
    ),
    "anothers_session": Attack("import os; os.setpgid(DATA['victim'], 0)", "seccomp kept"),
    # What the run was given for life
    "own_limits_lowered": Attack(
        "import resource; resource.prlimit(0, resource.RLIMIT_CORE, (0, 0))", "seccomp"
    ),
    "own_limits_raised": Attack(
        "import resource\nlimit = resource.getrlimit(resource.RLIMIT_NOFILE)[1] + 1\n"
        "try: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))\n"
        "except ValueError as e: raise PermissionError(1, str(e))",
        "seccomp kept",
    ),
    "own_session": Attack(
        "import os\n"
        "try: os.setsid()\nexcept OSError as error: raise PermissionError(1, str(error))",
        "seccomp kept",
    ),
    "outlive_the_parent": Attack(_LIBC + "call('prctl', 1, 0)", "seccomp"),
    "adopt_orphans": Attack(_LIBC + "call('prctl', 36, 1)", "seccomp"),
    "hide_from_the_worker": Attack(_LIBC + "call('prctl', 4, 0)\ncall('prctl', 4, 1)", "seccomp"),
    "keep_capabilities": Attack(_LIBC + "call('prctl', 8, 1)", "seccomp"),
    "own_root": Attack("import os; os.chroot('.')", "seccomp kept"),
    "own_uid": Attack("import os; os.setuid(0)", "seccomp uid", perhaps="kept"),
    "own_groups": Attack("import os; os.setgroups([0])", "seccomp kept"),
    "own_scheduler": Attack("import os; os.sched_setscheduler(0, 3, os.sched_param(0))", "seccomp"),
    "real_time": Attack(
        "import os; os.sched_setscheduler(0, 1, os.sched_param(1))", "seccomp kept"
    ),
}

# They change the process that makes them, so each has a run of its own.
ALONE = {
    "become_a_program": Attack("import os; os.execv('/bin/true', ['true'])", "landlock seccomp"),
    "user_namespace": Attack(_LIBC + "call('unshare', 0x10000000)", "seccomp", perhaps="kept"),
    "own_files": Attack(_LIBC + "call('unshare', 0x400)", "seccomp", perhaps="kept"),
    "own_files_by_closing": Attack(
        _LIBC + "call('syscall', 436, 0x7FFFFFF0, 0x7FFFFFFF, 2)", "seccomp"
    ),
    "mount_namespace": Attack(_LIBC + "call('unshare', 0x20000)", "seccomp kept"),
}

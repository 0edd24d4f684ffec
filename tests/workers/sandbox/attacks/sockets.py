"""Reaching anybody: the network, the machine, a neighbour."""

from tests.workers.sandbox.attacks import Attack

_LIBC = (
    "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "def call(name, *arguments):\n"
    "    if getattr(libc, name)(*arguments) < 0:\n"
    "        raise OSError(ctypes.get_errno(), name)\n"
)

SOCKETS = {
    "tcp": Attack(
        "import socket; socket.create_connection(('127.0.0.1', DATA['tcp']), 1)",
        "seccomp namespaces landlock4",
    ),
    "tcp_by_asyncio": Attack(
        "import asyncio; asyncio.run(asyncio.open_connection('127.0.0.1', DATA['tcp']))",
        "seccomp namespaces landlock4",
    ),
    "tcp_server": Attack(
        # In a network of its own it may listen, where nobody is.
        "import socket; socket.create_server(('127.0.0.1', 0))",
        "seccomp landlock4",
        perhaps="namespaces",
    ),
    "http": Attack(
        "import http.client\n"
        "http.client.HTTPConnection('127.0.0.1', DATA['tcp'], timeout=1).connect()",
        "seccomp namespaces landlock4",
    ),
    "udp": Attack(
        "import socket\nsocket.socket(2, 2).sendto(b'x', ('127.0.0.1', DATA['udp']))",
        "seccomp namespaces",
    ),
    "udp_by_connecting": Attack(
        "import socket\nplug = socket.socket(2, 2)\n"
        "plug.connect(('127.0.0.1', DATA['udp']))\nplug.send(b'x')",
        "seccomp namespaces",
    ),
    "udp_server": Attack("import socket; socket.socket(2, 2).bind(('0.0.0.0', 0))", "seccomp"),
    "unix_stream": Attack(
        "import socket; socket.socket(1, 1).connect(DATA['stream'])", "seccomp uid"
    ),
    "unix_datagram": Attack(
        "import socket; socket.socket(1, 2).sendto(b'x', DATA['datagram'])", "seccomp uid"
    ),
    "unix_datagram_pair": Attack(
        "import socket\na, b = socket.socketpair(1, 2)\na.sendto(b'x', DATA['datagram'])",
        "seccomp uid",
    ),
    "unix_datagram_pair_by_message": Attack(
        "import socket\na, b = socket.socketpair(1, 2)\na.sendmsg([b'x'], [], 0, DATA['datagram'])",
        "seccomp uid",
    ),
    "unix_abstract": Attack(
        "import socket; socket.socket(1, 1).connect(DATA['abstract'])",
        "seccomp namespaces landlock6",
    ),
    "unix_abstract_pair": Attack(
        "import socket\na, b = socket.socketpair(1, 2)\na.sendto(b'x', DATA['abstract_bell'])",
        "seccomp namespaces landlock6",
    ),
    "unix_server": Attack("import socket; socket.socket(1, 1).bind('\\0attack')", "seccomp"),
    "packets_in_a_pair": Attack("import socket; socket.socketpair(1, 5)", "seccomp"),
    "a_descriptor_by_message": Attack(
        "import socket\na, b = socket.socketpair()\nsocket.send_fds(a, [b'x'], [0])", "seccomp"
    ),
    "an_address_given_to_a_stream": Attack(
        "import socket\na, b = socket.socketpair()\n"
        "try: a.sendto(b'x', DATA['datagram'])\n"
        "except OSError as error:\n    if error.errno != 106: raise  # EISCONN: the kernel saw it",
        "seccomp",
    ),
    "netlink": Attack("import socket; socket.socket(16, 3, 0)", "seccomp"),
    "raw": Attack("import socket; socket.socket(2, 3, 1)", "seccomp kept"),
    "packet": Attack("import socket; socket.socket(17, 3, 0)", "seccomp kept"),
    "ipv6": Attack("import socket; socket.socket(10, 1)", "seccomp", perhaps="kept"),
    "multipath_tcp": Attack("import socket; socket.socket(2, 1, 262)", "seccomp", perhaps="kept"),
    "virtual_machine": Attack("import socket; socket.socket(40, 1)", "seccomp", perhaps="kept"),
    "crypto_of_the_kernel": Attack(
        "import socket; socket.socket(38, 5)", "seccomp", perhaps="kept"
    ),
    "bluetooth": Attack("import socket; socket.socket(31, 3)", "seccomp", perhaps="kept"),
    "asynchronous_signal": Attack(
        "import fcntl, os\nr, w = os.pipe()\nfcntl.fcntl(r, fcntl.F_SETFL, 0o20000)", "seccomp"
    ),
    "owner_of_a_pipe": Attack(
        "import fcntl, os\nr, w = os.pipe()\nfcntl.fcntl(r, fcntl.F_SETOWN, DATA['victim'])",
        "seccomp",
    ),
    "signal_of_a_pipe": Attack(
        "import fcntl, os\nr, w = os.pipe()\nfcntl.fcntl(r, 10, 9)", "seccomp"
    ),
    "lease_on_a_file": Attack(
        "import fcntl, os\nfcntl.fcntl(os.open('leased', 66), 1024, 1)",
        "seccomp",
        perhaps="kept",
    ),
    "size_of_a_pipe": Attack(
        "import fcntl, os\nr, w = os.pipe()\nfcntl.fcntl(r, 1031, 1 << 16)", "seccomp"
    ),
    "type_into_a_terminal": Attack(
        "import fcntl, os\nr, w = os.pipe()\n"
        "try: fcntl.ioctl(r, 0x5412, b'x')\n"
        "except OSError as error:\n    if error.errno != 25: raise  # ENOTTY: the kernel saw it",
        "seccomp",
    ),
}

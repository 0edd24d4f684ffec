"""Reading, writing and replacing what is not the run's."""

from tests.workers.sandbox.attacks import Attack

# From within a user namespace another's process cannot be looked at.
USER_NAMESPACE = "namespaces"
OF_ANOTHER = "f\"/proc/{DATA['victim']}/%s\""
# Every one of them is there on Linux, and says something of the machine or of this process.
PROC = {
    "process_list": "/proc",
    "kernel_version": "/proc/version",
    "kernel_command_line": "/proc/cmdline",
    "memory_of_the_machine": "/proc/meminfo",
    "uptime": "/proc/uptime",
    "settings_of_the_kernel": "/proc/sys/kernel/osrelease",
    "own_environment_block": "/proc/self/environ",
    "own_command_line": "/proc/self/cmdline",
    "own_memory_map": "/proc/self/maps",
    "own_memory": "/proc/self/mem",
    "own_limits": "/proc/self/limits",
    "own_descriptors": "/proc/self/fd",
    "mounts": "/proc/self/mounts",
    "open_ports": "/proc/self/net/tcp",
    "groups_of_processes": "/proc/self/cgroup",
    "threads": "/proc/thread-self/status",
    "devices": "/sys/class",
    "root_folder": "/",
    "settings": "/etc",
    "users": "/etc/passwd",
    "users_by_proc": "/proc/self/root/etc/passwd",
    "users_by_dots": "/usr/lib/../../etc/passwd",
    "programs": "/bin",
    "terminal_of_the_machine": "/dev",
    "homes": "/home",
}

_READ = (
    "import os\npath = %r\nos.listdir(path) if os.path.isdir(path) else open(path, 'rb', 0).read(0)"
)

FILES = {name: Attack(_READ % path, "landlock") for name, path in PROC.items()} | {
    # Another process
    "environment_of_another": Attack(
        f"assert b'SECRET' in open({OF_ANOTHER % 'environ'}, 'rb').read()",
        "landlock uid",
        USER_NAMESPACE,
    ),
    "memory_of_another": Attack(
        f"open({OF_ANOTHER % 'mem'}, 'rb')", "landlock uid", perhaps="kept namespaces"
    ),
    "memory_map_of_another": Attack(
        f"open({OF_ANOTHER % 'maps'}).read()", "landlock uid", USER_NAMESPACE
    ),
    "descriptors_of_another": Attack(
        f"import os; os.listdir({OF_ANOTHER % 'fd'})", "landlock uid", USER_NAMESPACE
    ),
    "descriptor_of_another": Attack(
        f"open({OF_ANOTHER % 'fd/1'}, 'w')", "landlock uid", USER_NAMESPACE
    ),
    "folder_of_another": Attack(
        f"import os; os.listdir({OF_ANOTHER % 'cwd'})", "landlock uid", USER_NAMESPACE
    ),
    "root_of_another": Attack(
        f"import os; os.listdir({OF_ANOTHER % 'root'})", "landlock uid", USER_NAMESPACE
    ),
    "program_of_another": Attack(
        f"import os; os.readlink({OF_ANOTHER % 'exe'})", "landlock uid", USER_NAMESPACE
    ),
    "command_line_of_another": Attack(f"open({OF_ANOTHER % 'cmdline'}).read()", "landlock"),
    "status_of_another": Attack(f"open({OF_ANOTHER % 'status'}).read()", "landlock"),
    "oom_score_of_another": Attack(
        f"open({OF_ANOTHER % 'oom_score_adj'}, 'w').write('1000')", "landlock uid"
    ),
    # Reading
    "canary": Attack("open(DATA['canary']).read()", "landlock uid"),
    "canary_by_descriptor": Attack(
        "import os\nos.open(DATA['canary'][1:], os.O_RDONLY, dir_fd=os.open('/', os.O_PATH))",
        "landlock uid",
    ),
    "canary_by_chdir": Attack(
        "import os\nhere = os.getcwd()\nos.chdir('/')\n"
        "try: open(DATA['canary'][1:])\nfinally: os.chdir(here)",
        "landlock uid",
    ),
    "canary_by_dots": Attack(
        "import os; open(os.path.relpath(DATA['canary'], os.getcwd()))", "landlock uid"
    ),
    "canary_by_mapping": Attack(
        "import mmap, os; mmap.mmap(os.open(DATA['canary'], 0), 0, prot=1)", "landlock uid"
    ),
    "canary_by_copying": Attack(
        "import shutil; shutil.copyfile(DATA['canary'], 'copied')", "landlock uid"
    ),
    "canary_by_import": Attack(
        "import runpy\ntry: runpy.run_path(DATA['canary'])\nexcept SyntaxError: pass",
        "landlock uid",
    ),
    "canary_by_sqlite": Attack(
        "import sqlite3\n"
        "try: sqlite3.connect(f\"file:{DATA['canary']}?mode=ro\", uri=True).execute('select 1')\n"
        "except sqlite3.OperationalError as e: raise PermissionError(13, str(e))",
        "landlock uid",
    ),
    "canary_by_picture": Attack(
        "from PIL import Image, UnidentifiedImageError\n"
        "try: Image.open(DATA['canary'])\nexcept UnidentifiedImageError: pass",
        "landlock uid",
    ),
    "canary_by_xml_entity": Attack(
        "from lxml import etree\n"
        'text = f\'<!DOCTYPE x [<!ENTITY e SYSTEM "{DATA["canary"]}">]><x>&e;</x>\'\n'
        "parser = etree.XMLParser(resolve_entities=True, no_network=False)\n"
        "try: found = etree.fromstring(text, parser).text\n"
        "except etree.XMLSyntaxError as e: raise PermissionError(13, str(e))\n"
        "assert 'secret' in found",
        "landlock uid",
    ),
    "canary_by_xml_inclusion": Attack(
        "from lxml import etree\n"
        'text = f\'<a xmlns:i="http://www.w3.org/2001/XInclude">'
        '<i:include href="{DATA["canary"]}" parse="text"/></a>\'\n'
        "tree = etree.fromstring(text).getroottree()\n"
        "try: tree.xinclude()\n"
        "except etree.XIncludeError as e: raise PermissionError(13, str(e))\n"
        "assert 'secret' in tree.getroot().xpath('string()')",
        "landlock uid",
    ),
    "up_from_the_libraries": Attack(
        "import docx, os; os.listdir(os.path.dirname(docx.__file__) + '/../../../../..')",
        "landlock",
        perhaps="uid",
    ),
    "our_source": Attack("open(DATA['source']).read()", "landlock", perhaps="uid"),
    "parent_folder": Attack("import os; os.listdir('..')", "landlock uid"),
    "other_run": Attack("import os; os.listdir(DATA['other'])", "landlock uid"),
    # Writing
    "write_to_another_run": Attack("open(DATA['other'] + '/planted', 'w')", "landlock uid"),
    "append_to_anothers_file": Attack("open(DATA['prey'], 'a').write('!')", "landlock uid"),
    "truncate_anothers_file": Attack(
        "import os; os.truncate(DATA['prey'], 0)", "landlock3 seccomp uid"
    ),
    "truncate_by_opening": Attack(
        "import os; os.open(DATA['prey'], os.O_RDONLY | os.O_TRUNC)", "landlock uid"
    ),
    "delete_anothers_file": Attack("import os; os.unlink(DATA['doomed'])", "landlock uid"),
    "delete_anothers_folder": Attack("import os; os.rmdir(DATA['empty'])", "landlock uid"),
    "make_a_folder_outside": Attack(
        "import os; os.mkdir(DATA['other'] + '/planted-folder')", "landlock uid"
    ),
    "rename_anothers_file": Attack(
        "import os; os.rename(DATA['moved'], DATA['moved'] + '-away')", "landlock uid"
    ),
    "move_out": Attack(
        "import os; open('x', 'w'); os.rename('x', DATA['other'] + '/moved-out')", "landlock uid"
    ),
    "move_in": Attack("import os; os.rename(DATA['stolen'], 'stolen')", "landlock uid"),
    "move_own_folder": Attack(
        "import os\nhere = os.getcwd()\nos.rename(here, here + '-')\nos.rename(here + '-', here)",
        "landlock uid",
    ),
    "mode_of_anothers_file": Attack(
        "import os\nos.chmod(DATA['prey'], 0o755)\n"
        "if os.stat(DATA['prey']).st_mode & 0o777 != 0o755: raise PermissionError(1, 'pretended')",
        "seccomp uid",
    ),
    "times_of_anothers_file": Attack(
        "import os\nos.utime(DATA['prey'], (1, 1))\n"
        "if os.stat(DATA['prey']).st_mtime != 1: raise PermissionError(1, 'pretended')",
        "seccomp uid",
    ),
    "owner_of_anothers_file": Attack(
        "import os; os.chown(DATA['prey'], os.geteuid(), os.getegid())", "seccomp uid"
    ),
    "open_a_file_to_all": Attack(
        "import os\nopen('own', 'w').close()\nos.chmod('own', 0o4777)\n"
        "if os.stat('own').st_mode & 0o7777 != 0o4777: raise PermissionError(1, 'pretended')",
        "seccomp",
    ),
    "shared_memory": Attack(
        "import os\npath = '/dev/' + f\"shm/attack-{DATA['victim']}\"\n"
        "open(path, 'w').close()\nos.unlink(path)",
        "landlock",
        perhaps="kept",
    ),
    "everybodys_folder": Attack(
        "import os\npath = f\"/proc/../tmp/attack-{DATA['victim']}\"\n"
        "open(path, 'w').close()\nos.unlink(path)",
        "landlock",
        perhaps="kept",
    ),
    "a_file_without_a_name": Attack(
        "import os; os.open('/proc/../tmp', os.O_TMPFILE | os.O_RDWR)", "landlock", perhaps="kept"
    ),
    "write_to_a_library": Attack(
        "import docx; open(docx.__file__, 'a')", "landlock", perhaps="uid kept"
    ),
    "plant_a_library": Attack(
        "import docx, os\npath = os.path.dirname(docx.__file__) + '/attack.py'\n"
        "open(path, 'w').close()\nos.unlink(path)",
        "landlock",
        perhaps="uid kept",
    ),
    "pseudo_terminal": Attack("import os; os.openpty()", "landlock seccomp", perhaps="kept"),
    "a_device_of_the_machine": Attack("open('/dev/full', 'wb')", "landlock"),
    # What a collector might trip over
    "symbolic_link": Attack("import os; os.symlink('/etc/passwd', 'link')", "landlock seccomp"),
    "symbolic_link_as_folder": Attack(
        "import os; os.symlink('/etc', OUTPUT_DIR + '/folder')", "landlock seccomp"
    ),
    "hard_link": Attack("import os; open('a', 'w'); os.link('a', 'b')", "seccomp"),
    "hard_link_of_anothers_file": Attack(
        "import os; os.link(DATA['prey'], 'mine')", "landlock seccomp uid"
    ),
    "fifo": Attack("import os; os.mkfifo('fifo')", "landlock seccomp"),
    "socket_file": Attack("import os; os.mknod('plug', 0o140600)", "landlock seccomp"),
    "character_device": Attack("import os; os.mknod('null', 0o020600, 0x103)", "seccomp kept"),
    "block_device": Attack("import os; os.mknod('disk', 0o060600, 0x800)", "seccomp kept"),
}

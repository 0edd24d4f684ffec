"""System calls by number that no document needs: refused whatever their arguments.

`name:x86_64/aarch64`. With -1 and zeros for arguments the kernel itself finds fault with them,
by another error than a refusal, once the filter is gone; so it is seen who refused.
"""

from tests.workers.sandbox.attacks import Attack

_STOPPED_BY_SECCOMP = """
pidfd_send_signal:424/424 pidfd_open:434/434 execve:59/221 execveat:322/281
landlock_create_ruleset:444/444 landlock_add_rule:445/445 socket:41/198 connect:42/203
accept:43/202 accept4:288/242 bind:49/200 listen:50/201 sendmsg:46/211 recvmsg:47/212
sendmmsg:307/269 recvmmsg:299/243 setsockopt:54/208 shmget:29/194 shmat:30/196 shmctl:31/195
semget:64/190 semop:65/193 msgget:68/186 msgsnd:69/189 inotify_init1:294/26 vmsplice:278/75
splice:275/76 tee:276/77 rt_sigqueueinfo:129/138 tkill:200/130 mq_open:240/180
mq_unlink:241/181 timer_create:222/107 setpriority:141/140 getpriority:140/141
sched_setattr:314/274 sched_setparam:142/118 ioprio_set:251/30 ioprio_get:252/31 munlock:150/229
munlockall:152/231 signalfd4:289/74 linkat:265/37 symlinkat:266/36 mknodat:259/33
sync_file_range:277/84 setpgid:109/154 memfd_create:319/279 fchown:93/55 fchownat:260/54
"""
# Refused elsewhere, too: to whoever has no capabilities, by a container runtime, by an old kernel.
_STOPPED_BY_MORE = """
mount:165/40 umount2:166/39 chroot:161/51 pivot_root:155/41 setuid:105/146 setgid:106/144
setgroups:116/159 bpf:321/280 perf_event_open:298/241 keyctl:250/219 add_key:248/217
request_key:249/218 fanotify_init:300/262 open_by_handle_at:304/265 kcmp:312/272
process_madvise:440/440 memfd_secret:447/447 clone3:435/435 io_uring_setup:425/425 seccomp:317/277
init_module:175/105 finit_module:313/273 delete_module:176/106 kexec_load:246/104 reboot:169/142
swapon:167/224 swapoff:168/225 sethostname:170/161 setdomainname:171/162 settimeofday:164/170
clock_settime:227/112 clock_adjtime:305/266 adjtimex:159/171 acct:163/89 quotactl:179/60
syslog:103/116 open_tree:428/428 move_mount:429/429 fsopen:430/430 fsmount:432/432 fspick:433/433
migrate_pages:256/238 lookup_dcookie:212/18 vhangup:153/58 fsconfig:431/431 statmount:457/457
listmount:458/458 ptrace:101/117 mlock:149/228 quotactl_fd:443/443 capset:126/91 setsid:112/157
setresuid:117/147 setresgid:119/149 setreuid:113/145 setregid:114/143 setfsuid:122/151
setfsgid:123/152 process_vm_readv:310/270 process_vm_writev:311/271 pidfd_getfd:438/438
setns:308/268 io_uring_enter:426/426 io_uring_register:427/427 name_to_handle_at:303/264
set_mempolicy:238/237 get_mempolicy:239/236 mbind:237/235 move_pages:279/239
remap_file_pages:216/234 mlockall:151/230 pkey_mprotect:329/288 pkey_alloc:330/289 clone:56/220
unshare:272/97 personality:135/92 process_mrelease:448/448 mount_setattr:442/442 userfaultfd:323/282
"""

_CALL = (
    "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "number = %s if os.uname().machine == 'x86_64' else %s\n"
    "if libc.syscall(number, -1, 0, 0, 0, 0, 0) < 0 and ctypes.get_errno() in (1, 13, 38):\n"
    "    raise OSError(ctypes.get_errno(), 'refused')"
)


def _attacks(table: str, perhaps: str) -> dict[str, Attack]:
    rows = (entry.split(":") for entry in table.split())
    return {
        f"call_{name}": Attack(_CALL % tuple(numbers.split("/")), "seccomp", perhaps)
        for name, numbers in rows
    }


CALLS = _attacks(_STOPPED_BY_SECCOMP, "") | _attacks(_STOPPED_BY_MORE, "kept")

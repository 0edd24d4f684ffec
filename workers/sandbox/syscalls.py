"""The numbers of every system call that the policy names, on x86_64 and aarch64.

Embedded because slim images have no kernel headers: `name:x86_64/aarch64`, `-` where the
architecture has no such call.
"""

_ALLOWED = """
read:0/63 write:1/64 readv:19/65 writev:20/66 pread64:17/67 pwrite64:18/68 preadv:295/69
pwritev:296/70 preadv2:327/286 pwritev2:328/287 lseek:8/62 close:3/57
open:2/- openat:257/56 creat:85/- dup:32/23 dup2:33/- dup3:292/24 pipe:22/- pipe2:293/59
sendfile:40/71 copy_file_range:326/285 stat:4/- fstat:5/80 lstat:6/- newfstatat:262/79
statx:332/291 access:21/- faccessat:269/48 faccessat2:439/439 readlink:89/- readlinkat:267/78
statfs:137/43 fstatfs:138/44 getcwd:79/17 chdir:80/49 fchdir:81/50 mkdir:83/- mkdirat:258/34
rmdir:84/- unlink:87/- unlinkat:263/35 rename:82/- renameat:264/38 renameat2:316/276
ftruncate:77/46 fallocate:285/47 getdents:78/- getdents64:217/61 fsync:74/82 fdatasync:75/83
flock:73/32 umask:95/166 fadvise64:221/223 readahead:187/213

mmap:9/222 munmap:11/215 mremap:25/216 mprotect:10/226 madvise:28/233 brk:12/214 msync:26/227
mincore:27/232 membarrier:324/283 futex:202/98 futex_waitv:449/449 set_robust_list:273/99
get_robust_list:274/100 set_tid_address:218/96 rseq:334/293 restart_syscall:219/128
sched_yield:24/124 getcpu:309/168

poll:7/- ppoll:271/73 select:23/- pselect6:270/72 epoll_create:213/- epoll_create1:291/20
epoll_ctl:233/21 epoll_wait:232/- epoll_pwait:281/22 epoll_pwait2:441/441 eventfd:284/-
eventfd2:290/19 timerfd_create:283/85 timerfd_settime:286/86 timerfd_gettime:287/87
nanosleep:35/101 clock_gettime:228/113 clock_getres:229/114 clock_nanosleep:230/115
gettimeofday:96/169 time:201/- times:100/153 getitimer:36/102 setitimer:38/103 alarm:37/-
pause:34/-

rt_sigaction:13/134 rt_sigprocmask:14/135 rt_sigreturn:15/139 rt_sigpending:127/136
rt_sigtimedwait:128/137 rt_sigsuspend:130/133 sigaltstack:131/132 getpid:39/172 gettid:186/178
getppid:110/173 getuid:102/174 geteuid:107/175 getgid:104/176 getegid:108/177 getresuid:118/148
getresgid:120/150 getgroups:115/158 getpgrp:111/- getpgid:121/155 getsid:124/156 uname:63/160
sysinfo:99/179 getrandom:318/278 getrusage:98/165 getrlimit:97/163
wait4:61/260 waitid:247/95 exit:60/93 exit_group:231/94

recvfrom:45/207 shutdown:48/210 getsockname:51/204 getpeername:52/205 getsockopt:55/209
"""

# Allowed with certain arguments only.
_CHECKED = """
clone:56/220 socketpair:53/199 sendto:44/206 fcntl:72/25 ioctl:16/29 prctl:157/167
prlimit64:302/261 kill:62/129 tgkill:234/131 sched_getaffinity:204/123 sched_getparam:143/121
sched_getscheduler:145/120 truncate:76/45 close_range:436/436
"""

# Answered with success and not done: copying a file should not fail over its mode or times.
_PRETENDED = """
chmod:90/- fchmod:91/52 fchmodat:268/53 fchmodat2:452/452 utime:132/- utimes:235/-
utimensat:280/88 futimesat:261/-
"""

# Answered as by an older kernel, so that libraries fall back.
_ABSENT = """
clone3:435/435 io_uring_setup:425/425 openat2:437/437
"""

# Answered as by a file system without extended attributes.
_UNSUPPORTED = """
getxattr:191/8 lgetxattr:192/9 fgetxattr:193/10 listxattr:194/11 llistxattr:195/12
flistxattr:196/13 setxattr:188/5 lsetxattr:189/6 fsetxattr:190/7
"""


def _numbers(table: str, column: int) -> dict[str, int]:
    rows = (entry.split(":") for entry in table.split())
    return {name: int(n) for name, pair in rows if (n := pair.split("/")[column]) != "-"}


ARCHITECTURES = ("x86_64", "aarch64")
ALLOWED, CHECKED, PRETENDED, ABSENT, UNSUPPORTED = (
    {machine: _numbers(table, column) for column, machine in enumerate(ARCHITECTURES)}
    for table in (_ALLOWED, _CHECKED, _PRETENDED, _ABSENT, _UNSUPPORTED)
)

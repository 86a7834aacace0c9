"""The walls around the parse process: what a file's parser may take from the machine, and what it may not do at all.

Promises: after ``enter`` this process and its threads have bounded memory, make no child process, open no socket, and
neither create, change nor delete a file. The system calls are refused by the kernel (seccomp, which needs no root);
where a kernel or processor has no filter here, an audit hook refuses the same to Python code alone.

Sources: seccomp(2), linux/filter.h and linux/seccomp.h; system call numbers from asm/unistd_64.h and
asm-generic/unistd.h.

Held by tests/unit/actors/ingest/test_sandbox.py.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass

MEMORY = 400 * 1024**2  # bytes of private data; with the libraries' own pages a reader stays under 512 MB
ADDRESS_SPACE = 1536 * 1024**2  # bytes, mostly of mapped libraries and reserved arenas
_OPEN_FILES = 128
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CLONE_THREAD = 0x10000
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16  # struct seccomp_data
_OTHER_CONVENTION = 0x40000000  # x32 numbers its calls from here on
_SET_NO_NEW_PRIVS, _SET_MODE_FILTER, _ALL_THREADS = 38, 1, 1


# Calls that are refused, by their numbers on x86_64 and aarch64 (which never had those that are None).
_REFUSED: dict[str, tuple[int, int | None]] = {
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept4": (288, 242),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "pidfd_send_signal": (424, 424),
    "truncate": (76, 45),
    "ftruncate": (77, 46),
    "creat": (85, None),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "mkdir": (83, None),
    "mkdirat": (258, 34),
    "rmdir": (84, None),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "link": (86, None),
    "linkat": (265, 37),
    "symlink": (88, None),
    "symlinkat": (266, 36),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "mount": (165, 40),
    "unshare": (272, 97),
    "setns": (308, 268),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "memfd_create": (319, 279),
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
}
_UNKNOWN = (435, 437)  # clone3, openat2: said to be unknown, so that the C library falls back to what can be looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class _Calls:
    """System call numbers of one processor. ``clone`` is let through for threads, ``opens`` for reading."""

    arch: int  # AUDIT_ARCH_*
    seccomp: int
    clone: int
    opens: Sequence[tuple[int, int]]  # a call, and which of its arguments has the flags
    refused: Sequence[int]


_PROCESSORS = {
    "x86_64": _Calls(
        arch=0xC000003E,
        seccomp=317,
        clone=56,
        opens=((2, 1), (257, 2)),
        refused=[numbers[0] for numbers in _REFUSED.values()],
    ),
    "aarch64": _Calls(
        arch=0xC00000B7,
        seccomp=277,
        clone=220,
        opens=((56, 2),),
        refused=[numbers[1] for numbers in _REFUSED.values() if numbers[1] is not None],
    ),
}


def enter() -> bool:
    """Put the walls up, for good. True where the kernel holds them, False where only Python is held."""
    for limit, most in (
        (resource.RLIMIT_DATA, MEMORY),
        (resource.RLIMIT_AS, ADDRESS_SPACE),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        resource.setrlimit(limit, (most, most))
    calls = _PROCESSORS.get(platform.machine())
    if sys.platform == "linux" and calls is not None and _filter(calls):
        return True
    sys.addaudithook(_guard)
    return False


def allow_processor_s(seconds: int) -> None:
    """End this process when it works ``seconds`` more: a second wall behind its owner's watch."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds, most))


def _filter(calls: _Calls) -> bool:
    program = _program(calls)
    steps = ctypes.create_string_buffer(b"".join(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    told = Program(len(program), ctypes.addressof(steps))
    kernel = ctypes.CDLL(None, use_errno=True)
    if kernel.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    made: int = kernel.syscall(calls.seccomp, _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(told))
    return made == 0


def _program(calls: _Calls) -> list[bytes]:
    """The filter: each step looks at the call's number and returns what the kernel is to do."""
    refuse, unknown = _REFUSE | errno.EPERM, _REFUSE | errno.ENOSYS
    steps = [
        _step(_LOAD, _ARCH_AT),
        _step(_JUMP_EQUAL, calls.arch, then=1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
        _step(_JUMP_AT_LEAST, _OTHER_CONVENTION, otherwise=1),
        _step(_RETURN, _KILL),
    ]
    for number in calls.refused:
        steps += [_step(_JUMP_EQUAL, number, otherwise=1), _step(_RETURN, refuse)]
    for number in _UNKNOWN:
        steps += [_step(_JUMP_EQUAL, number, otherwise=1), _step(_RETURN, unknown)]
    looked_at = [(number, argument, _WRITING, refuse, _ALLOW) for number, argument in calls.opens]
    looked_at.append((calls.clone, 0, _CLONE_THREAD, _ALLOW, refuse))
    for number, argument, bits, if_set, if_clear in looked_at:
        steps += [
            _step(_JUMP_EQUAL, number, otherwise=4),
            _step(_LOAD, _ARGUMENTS_AT + 8 * argument),
            _step(_JUMP_SET, bits, otherwise=1),
            _step(_RETURN, if_set),
            _step(_RETURN, if_clear),
        ]
    return [*steps, _step(_RETURN, _ALLOW)]


def _step(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", code, then, otherwise, value)


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    writes = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & _WRITING)
    if writes or event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")):
        raise PermissionError(errno.EPERM, f"{event} is not for a file's parser")

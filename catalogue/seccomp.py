"""No network for processes that work on what strangers sent: a filter of the Linux kernel, for good."""

import ctypes
import platform
import sys


class _Instruction(ctypes.Structure):
    """A `struct sock_filter` of <linux/filter.h>."""

    _fields_ = (("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    """A `struct sock_fprog` of <linux/filter.h>."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction)))


# Machine → its AUDIT_ARCH and its number of socket(2).
_SOCKET_CALLS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
# io_uring_setup(2), of all machines: a ring opens sockets, too. From the other number on, x86-64 has its calls again
# (x32), and by another AUDIT_ARCH those of 32 bits.
_RING_CALL, _SECOND_TABLE = 425, 0x40000000
_LOAD_WORD, _JUMP_IF_EQUAL, _JUMP_FROM, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE_WITH_EACCES = 0x7FFF0000, 0x0005000D
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2


def close_network() -> bool:
    """Makes whatever opens a socket fail in this process for good, with EACCES; False where the system cannot.

    The engine follows SERVICE and has no switch for it. The guard refuses the word; this is for what it may overlook,
    and for faults of native parsers.
    """
    if not sys.platform.startswith("linux") or platform.machine() not in _SOCKET_CALLS:
        return False
    architecture, socket_call = _SOCKET_CALLS[platform.machine()]
    instructions = (
        (_LOAD_WORD, 0, 0, 4),
        (_JUMP_IF_EQUAL, 0, 5, architecture),
        (_LOAD_WORD, 0, 0, 0),
        (_JUMP_FROM, 3, 0, _SECOND_TABLE),
        (_JUMP_IF_EQUAL, 2, 0, socket_call),
        (_JUMP_IF_EQUAL, 1, 0, _RING_CALL),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE_WITH_EACCES),
    )
    array = (_Instruction * len(instructions))(*(_Instruction(*fields) for fields in instructions))
    program = _Program(len(instructions), array)
    system = ctypes.CDLL(None)
    system.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return bool(system.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)

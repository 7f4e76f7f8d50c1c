"""A process without network stays without it, by whatever call it asks."""

import errno
import platform
import subprocess
import sys

import pytest

# Prints what the system says to a call with arguments that it would otherwise refuse for another reason.
CALL = """
import ctypes, sys
from catalogue.seccomp import close_network

assert close_network()
system = ctypes.CDLL(None, use_errno=True)
system.syscall(int(sys.argv[1]), -1, -1, -1)
print(ctypes.get_errno())
"""
SOCKET = {"x86_64": 41, "aarch64": 198}
RING = 425


def refusal(call: int) -> int:
    return int(subprocess.run([sys.executable, "-c", CALL, str(call)], capture_output=True, check=True).stdout)


@pytest.mark.skipif(platform.machine() not in SOCKET or sys.platform != "linux", reason="the filter knows these alone")
@pytest.mark.parametrize("call", [SOCKET.get(platform.machine(), 0), RING], ids=["socket", "a ring that opens sockets"])
def test_no_call_opens_a_socket(call: int) -> None:
    assert refusal(call) == errno.EACCES


@pytest.mark.skipif(platform.machine() != "x86_64", reason="other machines have one table of calls")
def test_nor_does_one_of_the_second_table() -> None:
    assert refusal(0x40000000 + SOCKET["x86_64"]) == errno.EACCES

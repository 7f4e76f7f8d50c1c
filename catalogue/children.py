"""How processes are started that work on what strangers sent: with nothing of ours but where the package is.

What they may do is for them to limit (`catalogue.seccomp`, `resource`), before they look at what they got.
"""

import subprocess
import sys
from pathlib import Path

DIRECTORY = "/"
ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).absolute().parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}


def command(module: str, *arguments: object) -> list[str]:
    """The command line that runs a module of ours, whatever lies in the directory and in the user's packages."""
    return [sys.executable, "-P", "-s", "-m", module, *map(str, arguments)]


def run(module: str, given: bytes, timeout_s: float) -> "subprocess.CompletedProcess[bytes]":
    """Runs a module on what it is given, to its end. Raises subprocess.TimeoutExpired after killing it."""
    return subprocess.run(
        command(module),
        input=given,
        capture_output=True,
        timeout=timeout_s,
        check=False,
        cwd=DIRECTORY,
        env=ENVIRONMENT,
    )

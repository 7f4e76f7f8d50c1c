"""What the web server loads in each of its worker processes."""

import os
import threading
import time

from catalogue.server import SUPERVISOR
from endpoint import create_app

_LOOK_EVERY_S = 1.0


def _end_with(supervisor: int) -> None:
    """Ends this worker when its supervisor is gone, killed without a chance to say so; it would hold the port."""
    while os.getppid() == supervisor:
        time.sleep(_LOOK_EVERY_S)
    os._exit(1)


# Other servers than ours name no supervisor, and look after their workers in their own way.
if SUPERVISOR in os.environ:
    threading.Thread(target=_end_with, args=(int(os.environ[SUPERVISOR]),), daemon=True).start()
app = create_app()

"""What the web server loads in each of its worker processes."""

import os
import threading
import time

from endpoint import create_app

_LOOK_EVERY_S = 1.0


def _end_with(parent: int) -> None:
    """Ends this worker when its supervisor is gone, killed without a chance to say so; it would hold the port."""
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)
    os._exit(1)


threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
app = create_app()

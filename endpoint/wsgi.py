"""What the web server loads in each of its worker processes."""

import os
import sys

from catalogue.server import end_with_supervisor
from endpoint import create_app

# A worker that outlived its supervisor would hold the port. Other servers than ours name no supervisor, and look after
# their workers in their own way.
end_with_supervisor(lambda: os._exit(1))
# Threads take turns ten times as often as by default: a small page waits less long while large ones are made.
sys.setswitchinterval(0.0005)
app = create_app()

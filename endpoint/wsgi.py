"""The application as servers load it, once in each worker process: `endpoint.wsgi:app`."""

from endpoint import create_app

app = create_app()

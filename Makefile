# Everything that a newcomer, a developer and the build server type. Nothing but Python 3.11 and make is needed.
# Recipes name no absolute path, so a checkout may lie in a folder with spaces in its name.
.POSIX:
.SILENT:
.PHONY: help demo test check bench harvest-shared lock clean

PYTHON = python3
SHARED = ../shared/data
PIP_FLAGS = --quiet --disable-pip-version-check --no-input

help: ## what can be made
	grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/'

demo: .venv/run ## build a catalogue from the seed data and serve it on http://127.0.0.1:8000/
	.venv/bin/python -m catalogue demo

test: .venv/dev ## run the tests
	.venv/bin/python -m pytest -n auto $(ARGS)

check: .venv/dev ## lint, format and type checks
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy

bench: .venv/bench ## run the benchmarks (minutes)
	.venv/bin/python -m bench

harvest-shared: .venv/run ## harvest the real files in SHARED, all kinds, into one catalogue, and check what came of it
	test -d "$(SHARED)" || { echo "There is no $(SHARED): name the folder with SHARED=…"; exit 1; }
	.venv/bin/python -m bench.shared "$(SHARED)" $(ARGS)

lock: ## renew the locked requirements (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra build -o requirements.txt pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra build --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra build --extra bench -c requirements.txt -o requirements-bench.txt pyproject.toml

clean: ## remove the environment and the caches
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

# The environment is remade when Python's pip has none, and filled again when what it should hold has changed.
.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or later is needed; set PYTHON=")'
	$(PYTHON) -m venv .venv

.venv/run: .venv/bin/python requirements.txt pyproject.toml
	.venv/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r requirements.txt
	.venv/bin/python -m pip install $(PIP_FLAGS) --no-deps --no-build-isolation -e .
	touch .venv/run

.venv/dev: .venv/run requirements-dev.txt
	.venv/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r requirements-dev.txt
	touch .venv/dev

.venv/bench: .venv/run requirements-bench.txt
	.venv/bin/python -m pip install $(PIP_FLAGS) --require-hashes -r requirements-bench.txt
	touch .venv/bench

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SYSTEM ?= examples/chatbot
STAMP := $(VENV)/.installed

.PHONY: help assess test lint types docs bench lock clean
help:            ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

$(STAMP): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Assaymark needs Python 3.11 or newer: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

assess: $(STAMP)  ## assess a folder: make assess SYSTEM=path (an example if none is named)
	$(BIN)/assaymark assess "$(SYSTEM)"

test: $(STAMP)    ## run every test, the linters and the type checker
	$(BIN)/python -m ruff check src tests benchmarks tools
	$(BIN)/python -m ruff format --check src tests benchmarks tools
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

docs: $(STAMP)    ## write the generated pages of docs/
	$(BIN)/python tools/write_docs.py

bench: $(STAMP)   ## print speed and memory on generated trees
	$(BIN)/python benchmarks/assess_speed.py

lock: $(STAMP)    ## pin the development and CI dependencies with hashes
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header -o requirements/dev.txt pyproject.toml requirements/dev.in

clean:            ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist

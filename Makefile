PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SYSTEM ?= examples/chatbot
READY := $(VENV)/.ready
STAMP := $(VENV)/.ready-for-development
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help assess test docs bench bench-models bench-guard bench-data soak train-guard lock clean
help:            ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

$(READY): requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Assaymark needs Python 3.11 or newer: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements/run.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(STAMP): $(READY) requirements/dev.txt
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

assess: $(READY)  ## assess a folder: make assess SYSTEM=path (an example if none is named)
	@$(BIN)/assaymark assess "$(SYSTEM)" --fail-on never

test: $(STAMP)    ## run every test, the linters and the type checker
	$(BIN)/python -m ruff check src tests benchmarks tools training
	$(BIN)/python -m ruff format --check src tests benchmarks tools training
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

docs: $(STAMP)    ## write the generated pages of docs/
	$(BIN)/python tools/write_docs.py

bench: $(STAMP)   ## print speed and memory on generated trees
	$(BIN)/python benchmarks/assess_speed.py
	$(BIN)/python benchmarks/hash_speed.py
	$(BIN)/python benchmarks/osv_speed.py
	$(BIN)/python benchmarks/ledger_speed.py
	$(BIN)/python benchmarks/pack_speed.py

bench-models: $(STAMP)  ## the model scanner beside its peers: an hour or more
	$(BIN)/python benchmarks/models/run.py

bench-guard: $(STAMP)  ## the injection guard by slice, beside its peers: make bench-guard DATA=folder
	$(BIN)/python benchmarks/guard/run.py $(DATA)

bench-data: $(STAMP)  ## the data scanner on made poison and clean sets, beside its peers: make bench-data DATA=folder ARGS=--quick
	$(BIN)/python benchmarks/data/run.py $(DATA) $(ARGS)

soak: $(STAMP)    ## ten minutes of load and faults on the gateway
	$(BIN)/python benchmarks/guard/soak.py --minutes 10

TRAINING := .training
train-guard: $(STAMP)  ## train the guard's weights: make train-guard DATA=folder MINILM=model.safetensors (GPU advised)
	test -x $(TRAINING)/bin/python || $(PYTHON) -m venv $(TRAINING)
	$(TRAINING)/bin/python -m pip install --quiet -r requirements/train.in
	PYTHONPATH=src:. $(TRAINING)/bin/python -m training.injection.build "$(DATA)" "$(MINILM)" build/guard

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-strip-extras
lock: $(STAMP)    ## pin all dependencies with hashes
	$(PIP) uv
	$(LOCK) -o requirements/run.txt pyproject.toml requirements/build.in
	$(LOCK) -o requirements/dev.txt -c requirements/run.txt pyproject.toml requirements/dev.in

clean:            ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist

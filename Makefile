# fadu: `make demo` shows the product, `make test` tests it. FADU_PYTHON names another Python than python3.
PYTHON := $(or $(FADU_PYTHON),python3)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
KB := demo-kb

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo serve test check check-redos check-reimplemented bench crash clean distclean

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 28

demo: $(VENV)/.core ## install what the main job needs, ingest corpus/, show a search, a table and a check
	@PATH="$(CURDIR)/$(BIN):$$PATH" ./demo.sh $(KB)

serve: $(VENV)/.core $(KB) ## HTTP API and web page over the demo's knowledge base
	$(BIN)/fadu serve --kb $(KB)

test: $(VENV)/.all ## install everything and run the tests
	$(BIN)/python -m pytest
	$(BIN)/python -m pytest --doctest-modules ingest kb api

check: $(VENV)/.all ## lint, types, layering, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) check-redos
	$(BIN)/python -m pytest
	$(BIN)/python -m pytest --doctest-modules ingest kb api

check-redos: $(VENV)/.all ## regular expressions that are new, with recheck where npm is installed
	@if command -v npm >/dev/null && [ ! -d build/recheck ]; then npm install --silent --no-save --prefix build/recheck recheck@4; fi
	NODE_PATH=build/recheck/node_modules $(BIN)/python -m tests.redos

check-reimplemented: $(VENV)/.all ## normalization on the other OpenCC package
	rm -rf build/reimplemented
	$(PIP) --no-deps --target build/reimplemented opencc-python-reimplemented
	PYTHONPATH=build/reimplemented $(BIN)/python -m pytest tests/test_normalize.py tests/test_opencc_reimplemented.py

build/axe: ## the accessibility checker that the tests of the web page use (npm)
	npm install --no-save --no-audit --no-fund --ignore-scripts --prefix $@ axe-core@4.11.0

bench: $(VENV)/.all ## measure reading, ingestion and search
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/linear.py
	$(BIN)/python benchmarks/ingest_search.py

crash: $(VENV)/.all ## kill ingestion 200 times on a file system of its own (as root) and look for losses
	mkdir -p build/crash && mount -t tmpfs -o size=256m tmpfs build/crash
	$(BIN)/python tests/crash.py --kills 200 --place build/crash; status=$$?; umount build/crash; exit $$status

clean: ## remove the demo's knowledge base and caches
	rm -rf $(KB) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## remove the environment too
	rm -rf $(VENV)

$(KB): | $(VENV)/.core
	$(BIN)/fadu ingest corpus/regulations --kb $(KB)

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "fadu needs Python 3.11 or newer: make FADU_PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(VENV)/bin/pip
	@echo "installing fadu into $(VENV) (about two minutes the first time)"
	$(PIP) hatchling editables
	$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.all: pyproject.toml constraints.txt $(VENV)/.core
	@echo "installing all extras and the tools (some minutes the first time)"
	$(PIP) --no-build-isolation --editable '.[all,dev]'
	@touch $@

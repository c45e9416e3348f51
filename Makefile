# Every target sets up what it needs: a machine with Python 3.11+ and make is enough.
PYTHON ?= python3
SCRIPTS := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN := .venv/$(SCRIPTS)
READY := .venv/.ready
INSTALL := -m pip install --quiet --disable-pip-version-check
PIP := pip==26.3
WHEEL := build/wheel/env/$(SCRIPTS)/python
# All cores; a test that is slow for its file does not keep the other cores waiting.
PARALLEL := -n logical --dist worksteal
SPEC ?= https://api.replicate.com/openapi.json

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-wheel coverage record lint format generate update-spec drift check \
        dist bench sandbox clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## Make .venv with everything the other targets use

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python $(INSTALL) '$(PIP)'
	$(BIN)/python $(INSTALL) --group dev --editable '.[sandbox,cli]'
	@touch $@

demo: $(READY)  ## Run three models against a local sandbox (LIVE=1: greet with the real API)
	$(BIN)/python examples/demo.py $(if $(LIVE),--live)

test: $(READY)  ## Run the tests
	$(BIN)/pytest $(PARALLEL)

test-wheel:  ## Run the tests on the built wheel (PYTHON=python3.13, DEPENDENCIES=lowest)
	rm -rf build/wheel
	mkdir -p build/wheel/run
	$(PYTHON) -m venv build/wheel/env
	$(WHEEL) $(INSTALL) '$(PIP)'
	$(WHEEL) -m pip wheel --quiet --no-deps --wheel-dir build/wheel .
	$(WHEEL) $(INSTALL) --group dev "$$(ls build/wheel/*.whl)[sandbox,cli]"
	$(if $(filter lowest,$(DEPENDENCIES)),$(WHEEL) $(INSTALL) $$($(WHEEL) tests/support/lowest.py))
	cd build/wheel/run && ../env/$(SCRIPTS)/python -P -m pytest $(PARALLEL) \
	  --config-file ../../../pyproject.toml ../../../tests

coverage: $(READY)  ## Run the tests and say which lines and branches of replicate_ext none reaches
	$(BIN)/pytest $(PARALLEL) --cov --cov-report=term-missing:skip-covered

record: $(READY)  ## Record tests/cassettes anew, against the sandbox
	rm -f tests/cassettes/*.yaml
	RECORD=1 $(BIN)/pytest -q tests/contract/test_cassettes.py

lint: $(READY)  ## Check style, types, and which room imports which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache
	$(BIN)/zizmor --offline --quiet .github
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pyright --verifytypes replicate_ext --ignoreexternal

format: $(READY)  ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

generate: $(READY)  ## Write generated/replicate_api from openapi.yaml, and the blocking half of the client
	$(BIN)/python scripts/generate.py
	$(BIN)/python scripts/print_sync.py

update-spec: $(READY)  ## Rewrite openapi.yaml from SPEC=path or URL and say what changed (REPORT=path.md, FAIL_ON=breaking)
	$(BIN)/python scripts/update_spec.py $(SPEC) $(if $(REPORT),--markdown $(REPORT)) $(if $(FAIL_ON),--fail-on $(FAIL_ON))

drift: $(READY)  ## Fail if a generated or printed file is not what its source makes
	$(BIN)/python scripts/generate.py --check
	$(BIN)/python scripts/print_sync.py --check

check: lint drift test  ## Run everything that must pass before a commit

dist: $(READY)  ## Build dist/, the wheel and the source distribution (TAG=v1.2.3 must be the version)
	rm -rf dist
	$(BIN)/python -m build
	$(if $(TAG),test -f dist/replicate_ext-$(TAG:v%=%).tar.gz)

bench: $(READY)  ## Measure against raw httpx and the official client (own environment)
	benchmarks/run.sh

sandbox: $(READY)  ## Serve a local stand-in for the API
	$(BIN)/python -m replicate_ext.sandbox

clean:  ## Remove everything that the targets made
	rm -rf .venv build dist benchmarks/.env benchmarks/results demo-output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis

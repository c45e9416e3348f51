# Every target sets up what it needs: a machine with Python 3.11+ and make is enough.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
SPEC ?= https://api.replicate.com/openapi.json

.DEFAULT_GOAL := help
.PHONY: help setup demo test record lint format generate update-spec drift check bench sandbox clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## Make .venv with everything the other targets use

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check 'pip==26.3'
	$(BIN)/pip install --quiet --group dev --editable '.[sandbox,cli]'
	@touch $@

demo: $(READY)  ## Run three models against a local sandbox (LIVE=1: greet with the real API)
	$(BIN)/python examples/demo.py $(if $(LIVE),--live)

test: $(READY)  ## Run the tests
	$(BIN)/pytest

record: $(READY)  ## Record tests/cassettes anew, against the sandbox
	rm -f tests/cassettes/*.yaml
	RECORD=1 $(BIN)/pytest -q tests/contract/test_cassettes.py

lint: $(READY)  ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pyright --verifytypes replicate_ext --ignoreexternal

format: $(READY)  ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

generate: $(READY)  ## Write generated/replicate_api from openapi.yaml
	$(BIN)/python scripts/generate.py

update-spec: $(READY)  ## Rewrite openapi.yaml from SPEC=path or URL and say what changed (REPORT=path.md, FAIL_ON=breaking)
	$(BIN)/python scripts/update_spec.py $(SPEC) $(if $(REPORT),--markdown $(REPORT)) $(if $(FAIL_ON),--fail-on $(FAIL_ON))

drift: $(READY)  ## Fail if generated/ is not what openapi.yaml makes
	$(BIN)/python scripts/generate.py --check

check: lint drift test  ## Everything that must hold before a commit

bench: $(READY)  ## Measure against raw httpx and the official client (own environment)
	benchmarks/run.sh

sandbox: $(READY)  ## Serve a local stand-in for the API
	$(BIN)/python -m replicate_ext.sandbox

clean:  ## Remove everything that the targets made
	rm -rf .venv build dist benchmarks/.env benchmarks/results demo-output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis

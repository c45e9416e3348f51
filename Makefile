# Every target installs what it needs; Python 3.11+ and make are enough.
PYTHON ?= python3
SCRIPTS := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN := .venv/$(SCRIPTS)
READY := .venv/.ready
INSTALL := -m pip install --quiet --disable-pip-version-check
PIP := pip==26.3
WHEEL := build/wheel/env/$(SCRIPTS)/python
TESTS ?= tests
# Tests spend a third of their time waiting, so two run on each core, and move to idle ones.
PARALLEL = -n $(shell $(BIN)/python -c 'import os; print(2 * (os.cpu_count() or 1))') --dist worksteal
# Without compiled files, each process that a test starts would compile all modules.
unexport PYTHONDONTWRITEBYTECODE
SPEC ?= https://api.replicate.com/openapi.json

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-wheel test-matrix test-browser test-clients test-engines test-kill \
        test-ctrl-c test-throttle coverage record lint format generate update-spec drift docs check \
        dist release bench soak sandbox clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)  ## Create .venv with everything that the other targets need

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python $(INSTALL) '$(PIP)'
	$(BIN)/python $(INSTALL) --group dev --editable '.[sandbox,cli]'
	@touch $@

demo: $(READY)  ## Run three models in a local sandbox (LIVE=1: run one on the real API)
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
	  --config-file ../../../pyproject.toml $(addprefix ../../../,$(TESTS))

test-matrix: $(READY)  ## Run the tests on the wheel, on each installed Python with newest and lowest dependencies (TESTS=tests/unit)
	for python in $$($(BIN)/python tests/support/pythons.py); do \
	  for dependencies in newest lowest; do \
	    $(MAKE) test-wheel PYTHON=$$python DEPENDENCIES=$$dependencies || exit 1; \
	  done; \
	done

test-browser: docs  ## Test streams, the sandbox's page and the site in headless Chromium, and the npm package ai (CHROMIUM=path, needs Node)
	mkdir -p build/browser
	cp tests/browser/*.json tests/browser/*.mjs build/browser
	npm ci --prefix build/browser --ignore-scripts --no-audit --no-fund --loglevel=error
	$(BIN)/pytest -v tests/browser/checks.py tests/browser/sandbox_checks.py tests/browser/site_checks.py

test-kill: $(READY)  ## Kill a batch of 500 rows 30 times and check that nothing is paid twice
	KILL_ROWS=500 KILL_TIMES=30 $(BIN)/pytest -v tests/contract/batch/test_kill.py -k paid_twice

test-ctrl-c: $(READY)  ## Press Ctrl-C at every point of the blocking calls
	CTRL_C_STRIDE=1 $(BIN)/pytest -v tests/contract/test_ctrl_c.py -k any_point

test-throttle: $(READY)  ## Map 1,000 rows, and gather 1,000 runs, at the limit of 600 creates a minute
	$(BIN)/pytest -sv tests/throttle/checks.py

test-engines: $(READY)  ## Map rows with Ray Data and Dask on two workers each, and kill one (own environments)
	for engine in 'ray ray[data]' 'dask dask[dataframe,distributed]'; do \
	  set -- $$engine && $(PYTHON) -m venv build/$$1 && \
	  build/$$1/$(SCRIPTS)/python $(INSTALL) '$(PIP)' && \
	  build/$$1/$(SCRIPTS)/python $(INSTALL) --editable . "$$2" pandas pytest && \
	  build/$$1/$(SCRIPTS)/python -m pytest -v --noconftest -p no:cacheprovider -c /dev/null \
	    tests/engines/checks.py -k $$1 || exit 1; \
	done

test-clients: $(READY)  ## Test other clients against the sandbox, in environments of their own (needs Node)
	mkdir -p build/clients
	cp tests/clients/*.json build/clients
	npm ci --prefix build/clients --ignore-scripts --no-audit --no-fund --loglevel=error
	for number in 1 2; do \
	  $(PYTHON) -m venv build/clients/python-$$number && \
	  build/clients/python-$$number/$(SCRIPTS)/python $(INSTALL) -r tests/clients/requirements-$$number.txt || exit 1; \
	done
	$(BIN)/pytest -v tests/clients/checks.py
	$(PYTHON) -m venv build/clients/cog
	build/clients/cog/$(SCRIPTS)/python $(INSTALL) '$(PIP)'
	build/clients/cog/$(SCRIPTS)/python $(INSTALL) --group test --editable '.[sandbox]' cog==0.23.1
	build/clients/cog/$(SCRIPTS)/python -m pytest -v tests/clients/cog_checks.py

coverage: $(READY)  ## Run the tests and list the lines and branches of replicate_ext that they miss
	$(BIN)/pytest $(PARALLEL) --cov --cov-report=term-missing:skip-covered

record: $(READY)  ## Record tests/cassettes again, against the sandbox
	rm -f tests/cassettes/*.yaml
	RECORD=1 $(BIN)/pytest -q tests/contract/test_cassettes.py

lint: $(READY)  ## Check style, types (in the documents too), imports between rooms, and workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/python tests/support/blocks.py
	$(BIN)/lint-imports --no-cache
	$(BIN)/zizmor --offline --quiet .github
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pyright --verifytypes replicate_ext --ignoreexternal

format: $(READY)  ## Fix style and formatting
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

generate: $(READY)  ## Write generated/replicate_api from openapi.yaml, the blocking half of the client, and docs/command-line.md
	$(BIN)/python scripts/generate.py
	$(BIN)/python scripts/print_sync.py
	$(BIN)/python scripts/print_help.py

update-spec: $(READY)  ## Update openapi.yaml from SPEC=path or URL and print the changes (REPORT=path.md, FAIL_ON=breaking)
	$(BIN)/python scripts/update_spec.py $(SPEC) $(if $(REPORT),--markdown $(REPORT)) $(if $(FAIL_ON),--fail-on $(FAIL_ON))

drift: $(READY)  ## Fail if a generated file differs from what its source generates
	$(BIN)/python scripts/generate.py --check
	$(BIN)/python scripts/print_sync.py --check
	$(BIN)/python scripts/print_help.py --check

docs: $(READY)  ## Build the documentation site in build/site; warnings are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

check: lint drift docs test  ## Run all checks that must pass before a commit

# The files get the time of the commit, so that each build of it has the same bytes.
dist: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 1580601600)
dist: $(READY)  ## Build and check the wheel and the source distribution (fails unless TAG=v1.2.3 is the version)
	rm -rf dist
	$(BIN)/python -m build --no-isolation
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl
	$(if $(TAG),test -f dist/replicate_ext-$(TAG:v%=%).tar.gz)

release: $(READY)  ## Check, commit, build and tag VERSION=1.2.3; pushing the tag publishes it
	$(BIN)/python scripts/release.py --check '$(VERSION)'
	$(MAKE) check
	$(BIN)/python scripts/release.py '$(VERSION)'
	git commit --all --message 'Release $(VERSION)'
	$(MAKE) dist TAG='v$(VERSION)'
	git tag --annotate 'v$(VERSION)' --message 'v$(VERSION)'

bench: $(READY)  ## Compare the speed with raw httpx and the official client (in its own environment)
	benchmarks/run.sh --write

soak: $(READY)  ## Make 100,000 runs and check that memory stays flat, and 2,000 runs at once with 256 open files
	$(BIN)/python benchmarks/soak.py

sandbox: $(READY)  ## Start the local sandbox server
	$(BIN)/python -m replicate_ext.sandbox

clean:  ## Delete everything that the targets created
	rm -rf .venv build dist benchmarks/.env benchmarks/results demo-output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis

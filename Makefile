# The front door. `make` alone prints this list.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   ?= demo
CLAIMS := $(filter-out $(addprefix benchmarks/,accuracy.py companies.py measure.py resampled.py cold_start.py),$(wildcard benchmarks/*.py))

.DEFAULT_GOAL := help
.PHONY: help setup run test test-slow lint bench docs lock clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 20

setup: $(READY) ## create .venv with exactly the locked packages (again only when they change)

$(READY): lock.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "replenish needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Try: make setup PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@{ $(BIN)/python -m pip install --quiet --disable-pip-version-check uv && \
	  VIRTUAL_ENV=$(VENV) $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes lock.txt && \
	  VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable . ; } \
	|| { echo "uv did not get through: using pip, which is slower" && \
	  $(BIN)/python -m pip install --quiet --no-deps --require-hashes -r lock.txt && \
	  $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable . ; }
	@touch $@

run: $(READY) ## plan tonight for a generated company in ./demo
	@test -e $(DEMO)/replenish.toml || $(BIN)/replenish init $(DEMO) --example retail
	$(BIN)/python flows/nightly.py $(DEMO)

test: $(READY) ## every test that takes seconds
	$(BIN)/python -m pytest $(PYTEST_ARGS)

test-slow: $(READY) ## the tests that take minutes
	$(BIN)/python -m pytest -m slow $(PYTEST_ARGS)

lint: $(READY) ## style, types and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## measure every claim of the benchmark table
	@echo '| claim | measured | peak memory | machine | date |'; echo '|---|---|---|---|---|'
	@for claim in $(CLAIMS); do $(BIN)/python $$claim || exit 1; done

docs: $(READY) ## write the data dictionary and the page of settings again
	$(BIN)/python docs/generate.py

lock: $(READY) ## resolve the newest allowed packages into lock.txt
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-strip-extras --no-header --no-annotate --all-extras pyproject.toml -o lock.txt

clean: ## remove what was built; input folders and runs stay
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Every target makes .venv by itself: a machine needs Python 3.11 or newer, pip and make.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
PYTEST ?=
DATABASE ?=
WRITE ?=
SECONDS ?= 60
BIN := $(VENV)/bin

.PHONY: demo test smoke test-browser test-faults soak pictures check format bench clean

demo: $(VENV)/.installed ## Try the bot on this machine, until Ctrl-C
	@$(BIN)/customer-bot demo

test: $(VENV)/.installed-dev ## Run the tests
	$(BIN)/pytest -q -n auto $(PYTEST)

smoke: $(VENV)/.installed-dev ## Run the tests that a change breaks most often: 16 seconds
	$(BIN)/pytest -q -n auto tests/handlers tests/inquiries $(PYTEST)

test-browser: $(VENV)/.installed-dev ## Try the playground's page in the system's Chromium
	$(BIN)/pytest -q -n auto -m browser tests/browser $(PYTEST)

test-faults: $(VENV)/.installed-dev ## Run the real process through faults of the CRM, Slack and the database: minutes
	$(BIN)/pytest -q -n auto -m faults tests/faults $(PYTEST)

soak: $(VENV)/.installed-dev ## Many people, two processes, and faults on and off: a minute, or SECONDS=600
	SOAK_SECONDS=$(SECONDS) $(BIN)/pytest -q tests/faults/test_soak.py $(PYTEST)

check: $(VENV)/.installed-dev ## Lint, format check, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev ## Format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

pictures: $(VENV)/.installed-dev ## Make the README's pictures anew, with the system's Chromium
	$(BIN)/python -m pictures

bench: $(VENV)/.installed ## Measure against the budgets; WRITE=1 keeps the results
	$(BIN)/python -m benchmarks.all $(if $(WRITE),--write) $(DATABASE)

clean: ## Remove what the other targets made
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage *.egg-info build

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "customer-bot needs Python 3.11 or newer (Debian: apt-get install python3)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make a virtual environment (Debian: apt-get install python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.installed

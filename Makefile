# Two commands do everything on a fresh machine with Python 3.11 or newer: make demo, make test.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The lock is complete: nothing has to be resolved, and Python compiles what it really uses.
INSTALL = $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-compile
PORT ?= 8080
RESET ?= 0


.PHONY: demo run-setup test check format lock bench torture samples screenshots examples clean

demo: $(VENV)/.run
	@PORT=$(PORT) RESET=$(RESET) exec $(BIN)/python -m bot demo

run-setup: $(VENV)/.run

test: check
	$(BIN)/pytest

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tests.check_texts

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Hashes for every platform and Python 3.11 to 3.13; no index address is written into the lock.
lock: $(VENV)/.dev
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--python-version 3.11 --quiet pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--python-version 3.11 --quiet --group dev pyproject.toml -o requirements-dev.lock

examples: $(VENV)/.dev
	$(BIN)/python -m docs.examples.year_2020
	$(BIN)/python -m docs.examples.year_on_two_messengers
	$(BIN)/python -m docs.examples.fifty_members

# make bench ONLY=throughput ROUNDS=3 MESSAGES=6000 BROADCAST=5000 WRITE=1: see benchmarks/README.md
bench: $(VENV)/.dev .venv-peers/.made
	@$(foreach name,ONLY ROUNDS MESSAGES BROADCAST LONG LARGEST,$(if $($(name)),$(name)=$($(name)))) \
		$(BIN)/python -m benchmarks $(if $(WRITE),--write)

# The peers have an environment of their own: their versions are not ours to resolve.
.venv-peers/.made: benchmarks/peers/requirements.lock
	$(PYTHON) -m venv .venv-peers
	@echo "installing the locked packages of the peers…"
	@.venv-peers/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-compile -r $<
	@touch $@

# make torture KILLS=20 MESSAGES=1000 SEED=7 MEMBERS=40 FAULTS=0.2 CHANNEL=zalo: see docs/torture.md
torture: $(VENV)/.dev
	@$(BIN)/python -m tests.torture $(foreach name,KILLS MESSAGES MEMBERS SEED CHANNEL FAULTS,$(if $($(name)),\
		--$(shell echo $(name) | tr A-Z a-z)=$($(name))))

# The forms of every year as PDF and pictures; needs LibreOffice Writer and poppler-utils.
samples: $(VENV)/.dev
	$(BIN)/python -m docs.samples.make_templates
	$(BIN)/python -m docs.samples.make

# The pictures of the README and of the secretary's year, from a demo of their own; needs Chromium and an emoji font.
screenshots: $(VENV)/.dev
	$(BIN)/python -m docs.screenshots.take

clean:
	rm -rf $(VENV) .venv-peers .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock | $(VENV)/bin/python
	@echo "installing the locked packages…"
	@$(INSTALL) -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/bin/python
	@echo "installing the locked packages for development…"
	@$(INSTALL) -r requirements-dev.lock
	@touch $@ $(VENV)/.run

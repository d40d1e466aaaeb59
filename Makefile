# Hookflash. A bare machine needs Python 3.11 or newer and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_DEPS := $(VENV)/.run-installed
DEV_DEPS := $(VENV)/.dev-installed
# Stories wait more than they compute; a file's tests share one running product.
TEST_PROCESSES ?= 3

.PHONY: help run simulator controller test lint types bench clean

help: ## show this help
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(RUN_DEPS): requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV_DEPS): requirements-dev.txt $(RUN_DEPS)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(RUN_DEPS) ## start the simulator and the controller with demo data, and print what to try
	@$(BIN)/python -m app.demo

simulator: $(RUN_DEPS) ## start the simulator alone
	@$(BIN)/python -m twiml.simulator

controller: $(RUN_DEPS) ## start the controller alone, on a simulator that is running (or on Twilio, see the README)
	@$(BIN)/python -m app.demo --no-simulator

lint: $(DEV_DEPS) ## check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV_DEPS) ## check types
	$(BIN)/mypy

test: lint types ## run every check and every test
	$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadfile

bench: $(DEV_DEPS) ## measure, in less than ten minutes; ARGS=--full for a million ended sessions and more rounds
	@$(BIN)/python -m tests.benchmarks $(ARGS)

clean: ## remove what was installed and stored
	rm -rf $(VENV) var

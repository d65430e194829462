# Every target installs what it misses first (scripts/setup); a second run is quick.
# PYTHON=/path/to/python3 chooses the interpreter that .venv is made from.

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast lint format docs bench fuzz clean
.NOTPARALLEL:
BIN := .venv/bin

help:
	@echo 'make setup      virtual environment in .venv, Debian packages'
	@echo 'make demo       a BIOS-only image boots on UEFI, from nothing to proof'
	@echo 'make test       linters, then every test in two processes; QEMU boots come last'
	@echo 'make test-fast  the tests that boot nothing'
	@echo 'make lint       ruff, mypy, import-linter'
	@echo 'make format     ruff format and the fixes that are safe; kxsh --fmt'
	@echo 'make docs       docs/builtins.md, checks.md and messages.md, from what they tell of'
	@echo 'make fuzz       random texts: parser and checker, then menus; MINUTES=5 each'
	@echo 'make bench      kxsh beside a plain ash loader: times and sizes'

setup:
	@scripts/setup

demo: setup
	@$(BIN)/python scripts/demo.py $(ARGS)

test: setup lint
	@$(BIN)/pytest $(ARGS)

test-fast: setup
	@$(BIN)/pytest -m 'not boot' $(ARGS)

lint:
	@scripts/setup python
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format:
	@scripts/setup python
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/kxsh --fmt examples/*.kxs stdlib/*.kxs

docs:
	@scripts/setup python
	$(BIN)/python scripts/builtins_page.py
	$(BIN)/python scripts/checks_page.py
	$(BIN)/python scripts/messages_page.py

bench: setup
	@$(BIN)/python scripts/bench.py $(ARGS)

MINUTES ?= 5
fuzz: setup
	@$(BIN)/python scripts/fuzz.py --minutes $(MINUTES)
	@$(BIN)/python scripts/fuzz_menus.py --minutes $(MINUTES)

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

# One command to run it, one to test it. A machine needs Python 3.11 (or newer), pip and make; the rest is done here.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run setup setup-dev setup-llm test simulate chaos check bench bench-runtime lock clean

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
BENCH := $(VENV)/.bench-installed
ARGS ?=
SUITES := tests/unit tests/simulation tests/integration tests/e2e tests/chaos

help:
	@echo "make run     set up, start everything with a demo business in it, print the chat page's address"
	@echo "make test    set up for development, then run every test"
	@echo "make simulate    the runtime under simulated trouble, 10,000 seeds of it (SEEDS=n)"
	@echo "make chaos   kill -9 of everything at random moments under load, 300 times (KILLS=n SEED=n)"
	@echo "make check   lint, format, types, import rules"
	@echo "make bench   every benchmark; make bench-NAME for bench/NAME.py"
	@echo "make lock    resolve the dependencies anew; make clean removes what was built (never your data)"

run: setup
	@$(BIN)/ragleap up --demo $(ARGS)

setup: $(RUNTIME)
	@$(BIN)/python -m cluster.model_files

setup-dev: $(DEV)
	@$(BIN)/python -m cluster.model_files

setup-llm: $(RUNTIME)
	@requirements/install.sh requirements/llm.lock $(VENV) "$(PYTHON)"

test: setup-dev
	@requirements/debian.sh
	@$(BIN)/python -m cluster.servers || true
	@$(BIN)/python -m pytest $(or $(ARGS),$(SUITES))

# The same seeds give the same runs: `make simulate SEEDS=100`, `make simulate ARGS='--replay 7'`.
simulate: $(DEV)
	@PYTHONPATH=.:tests $(BIN)/python -m simulation --seeds $(or $(SEEDS),10000) $(ARGS)

# The blows are kept in build/chaos.jsonl: `make chaos ARGS=--report` tells of all runs together.
chaos: setup-dev
	@requirements/debian.sh
	@PYTHONPATH=.:tests $(BIN)/python -m chaos --kills $(or $(KILLS),300) --seed $(or $(SEED),1) $(ARGS)

check: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-dev bench-runtime
	@for script in $(filter-out bench/bench_runtime.py,$(wildcard bench/bench_*.py)); do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# With what the runtime is measured beside: xoscar, Celery, Gunicorn and Debian's redis-server.
bench-runtime: setup-dev $(BENCH)
	@requirements/redis.sh
	@$(BIN)/python bench/bench_runtime.py $(ARGS)

bench-%: setup-dev
	@$(BIN)/python bench/bench_$*.py $(ARGS)

# Done again only when the lock has changed. The development lock holds the runtime one.
$(RUNTIME): requirements/runtime.lock
	@requirements/install.sh $< $(VENV) "$(PYTHON)"
	@touch $@

$(DEV): requirements/dev.lock
	@requirements/install.sh $< $(VENV) "$(PYTHON)"
	@touch $@ $(RUNTIME)

$(BENCH): requirements/bench.lock
	@requirements/install.sh $< $(VENV) "$(PYTHON)"
	@touch $@

COMPILE := uv pip compile --generate-hashes --no-emit-index-url --no-header --python-version 3.11

lock:
	$(COMPILE) pyproject.toml -o requirements/runtime.lock
	$(COMPILE) -c requirements/runtime.lock --extra llm --group dev pyproject.toml -o requirements/dev.lock
	$(COMPILE) -c requirements/runtime.lock --extra llm pyproject.toml -o requirements/llm.lock
	$(COMPILE) -c requirements/dev.lock --group bench pyproject.toml -o requirements/bench.lock
	printf 'uv\npip\n' | $(COMPILE) - -o requirements/installer.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

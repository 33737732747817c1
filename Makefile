# One word per chore. `make demo` and `make test` also work as the very first command.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules
.PHONY: help setup demo up test soak bench synth layers events freeze check fmt lint types imports spell stale tests lock clean

# A shell may forbid byte code; without it each command compiles the CDK again.
unexport PYTHONDONTWRITEBYTECODE
# Nothing of the caller's Python may leak into the environments made here.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

UV_VERSION := 0.13.8
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .uv/bin/uv)
export UV
PYTHON := .venv/bin/python
READY := .venv/.ready
ENGINE := .venv-engine/.ready

# All checks but the one that takes as long as a good part of the tests, and is done beside them.
QUICK := fmt lint imports spell stale

# A shell's own SECONDS must not decide how long `make soak` runs.
ifneq ($(origin SECONDS),command line)
SECONDS := 60
endif
FUZZ_SECONDS = $(shell awk 'BEGIN { print $(SECONDS) / 3 }')
RUN_SECONDS = $(shell awk 'BEGIN { print $(SECONDS) * 2 / 3 }')
WORKERS ?= 2

help: ## show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: $(READY) $(ENGINE) layer-host ## install everything that the other words need

demo: setup ## the whole thing on this machine: sign-ups to barcodes, then a week of redemptions
	@$(PYTHON) -m sandbox.demo

up: setup ## the same stack, left running until Ctrl-C (see .couponbus/up.json)
	@$(PYTHON) -m sandbox.up

test: setup ## every check that CI runs
	@$(MAKE) $(QUICK)
	@$(MAKE) -j2 types tests

soak: $(READY) ## damaged answers, then random faults, for SECONDS (60): make soak SECONDS=300
	@failed=0; $(PYTHON) -m tests.fuzz.soak --seconds $(FUZZ_SECONDS) || failed=1; \
	$(PYTHON) -m tests.simulation.soak --seconds $(RUN_SECONDS) && exit $$failed

bench: setup ## measure webhooks, polling and the hot path
	@$(PYTHON) -m tests.benchmarks

synth: $(READY) layers ## write the CloudFormation templates to cdk.out
	@CDK_OUTDIR=cdk.out $(PYTHON) -m infra.app

layers: $(READY) ## build the vendor layer for arm64 and x86_64
	@$(PYTHON) -m layers.build

events: $(READY) ## generate events/: schemas, samples, asyncapi.json and the catalogue
	@$(PYTHON) -m events.generate

freeze: $(READY) ## before a release: from now on nothing may break the contracts of today
	@$(PYTHON) -m events.freeze

check: $(QUICK) types ## the checks without the tests

fmt: $(READY) ## is everything formatted?
	@$(PYTHON) -m ruff format --check .

lint: $(READY) ## ruff
	@$(PYTHON) -m ruff check .

types: $(READY) ## mypy, strict
	@$(PYTHON) -m mypy

imports: $(READY) ## which package may import which
	@.venv/bin/lint-imports --no-logo

spell: $(READY) ## codespell
	@.venv/bin/codespell

stale: $(READY) ## are the generated contracts fresh, and do they break nobody?
	@$(PYTHON) -m events.generate --check

tests: setup layers ## pytest with branch coverage
	@$(PYTHON) -m pytest -n $(WORKERS) --cov --cov-report term:skip-covered

lock: $(UV) ## lock the requirement files again after a pin changed
	@$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.13 --no-emit-index-url --no-header --group dev -o requirements.txt
	@$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.13 --no-emit-index-url --no-header layers/vendor/requirements.in -o layers/vendor/requirements.txt
	@$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.13 --no-emit-index-url --no-header sandbox/requirements.in -o sandbox/requirements.txt

clean: ## delete what was built and installed
	@rm -rf .uv .venv .venv-engine .couponbus cdk.out layers/vendor/build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.PHONY: layer-host
layer-host: $(READY)
	@$(PYTHON) -m layers.build host

$(READY): requirements.txt pyproject.toml .python-version | $(UV)
	@echo "installing the tools into .venv"
	@$(UV) venv --quiet --allow-existing --no-project .venv
	@$(UV) pip sync --quiet --python $(PYTHON) --require-hashes requirements.txt
	@$(UV) pip install --quiet --python $(PYTHON) --offline --no-deps --no-build-isolation --editable .
	@touch $@

$(ENGINE): sandbox/requirements.txt .python-version | $(UV)
	@echo "installing the local engine into .venv-engine"
	@$(UV) venv --quiet --allow-existing --no-project .venv-engine
	@$(UV) pip sync --quiet --python .venv-engine/bin/python --require-hashes sandbox/requirements.txt
	@touch $@

.uv/bin/uv:
	@echo "uv is missing: installing it into .uv"
	@python3 -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

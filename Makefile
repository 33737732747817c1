# One word per chore. `make demo` and `make test` also work as the very first command.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules
.PHONY: help setup demo up quick unit test soak bench synth adopt aws-smoke layers wheel events freeze check fmt lint types imports spell stale tests lock clean

# Installing leaves the machine on purpose, so it goes by the caller's network: proxies, certificates,
# indexes, caches. No other setting of Python, uv and pip may decide what is installed, or where.
NETWORK := UV_INDEX% UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL UV_FIND_LINKS UV_NO_INDEX UV_OFFLINE
NETWORK += UV_CACHE_DIR UV_NO_CACHE UV_LINK_MODE UV_CONFIG_FILE UV_NO_CONFIG UV_KEYRING_PROVIDER
NETWORK += UV_CREDENTIALS_DIR UV_INSECURE_HOST UV_NATIVE_TLS UV_SYSTEM_CERTS UV_HTTP% UV_REQUEST_TIMEOUT
NETWORK += UV_CONCURRENT% UV_PYTHON_% PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_NO_INDEX
NETWORK += PIP_CONFIG_FILE PIP_CERT PIP_CLIENT_CERT PIP_PROXY PIP_TRUSTED_HOST PIP_TIMEOUT PIP_RETRIES
NETWORK += PIP_DEFAULT_TIMEOUT PIP_CACHE_DIR PIP_NO_CACHE_DIR PIP_KEYRING_PROVIDER
unexport $(filter-out $(NETWORK),$(filter PYTHON% UV_% PIP_% CONDA_% VIRTUAL_ENV,$(.VARIABLES)))

# With `make -e` a variable of the shell would take the place of one of these.
override UV_VERSION := $(shell sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements-uv.txt)
# No newer one can be taken unseen: what npm fetches is compared before any of it runs.
override CDK_VERSION := 2.1148.1
override CDK_SHA512 := K3d02L17IwmAuiBWNuX1DzYhKUs9GrKYI7bZnGJfJ1bKz9ymXFxfudBOL3rUb8JAusDNSULiQU2fsJH7kyY2XA==
override UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .uv/bin/uv)
export UV
override PYTHON := .venv/bin/python
# Runs a command in an environment of its own: none of the caller's settings reaches it.
override LOCAL := $(PYTHON) -I -m couponbus_sandbox.local.local_environment
override NO_PYTHON = { echo "no Python $$(cat .python-version) is on the PATH, and none could be fetched (see above): install it" >&2; exit 1; }
override READY := .venv/.ready
override ENGINE := .venv-engine/.ready
override BROWSER := .venv/.browser
override SECOND := .venv-localstack/.ready
override APT := DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=20

# A home that is not there has no place for the installer's cache.
ifneq ($(shell test -w "$$HOME" && echo yes),yes)
export UV_CACHE_DIR ?= $(CURDIR)/.uv/cache
export PIP_CACHE_DIR ?= $(CURDIR)/.uv/cache/pip
endif

define CHECK_SHA512
import base64, hashlib, pathlib, sys
found = base64.b64encode(hashlib.sha512(pathlib.Path(sys.argv[1]).read_bytes()).digest()).decode()
sys.exit(None if found == sys.argv[2] else f"{sys.argv[1]} is not the pinned file: nothing of it was run")
endef
export CHECK_SHA512

# All checks but the one that takes as long as a good part of the tests, and is done beside them.
override CHECKS := fmt lint imports spell stale

# A shell's own CONFIG, STAGE, NAME, ACCOUNT, FILES, ONLY, SECONDS and WORKERS decide nothing: only those of `make soak SECONDS=300` do.
ifneq ($(origin CONFIG),command line)
override CONFIG :=
endif
ifneq ($(origin STAGE),command line)
override STAGE :=
endif
ifneq ($(origin NAME),command line)
override NAME :=
endif
ifneq ($(origin ACCOUNT),command line)
override ACCOUNT :=
endif
ifneq ($(origin FILES),command line)
override FILES :=
endif
ifneq ($(origin ONLY),command line)
override ONLY :=
endif
ifneq ($(origin SECONDS),command line)
override SECONDS := 60
endif
ifneq ($(origin WORKERS),command line)
override WORKERS := 2
endif
# Tests of the whole product wait for most of their time: one more process has its core.
ALL_WORKERS = $(shell expr $(WORKERS) + 1)
FUZZ_SECONDS = $(shell awk 'BEGIN { print $(SECONDS) / 3 }')
RUN_SECONDS = $(shell awk 'BEGIN { print $(SECONDS) * 2 / 3 }')

help: ## show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

setup: $(READY) $(ENGINE) $(BROWSER) $(SECOND) layer-host ## install everything that the other words need

demo: setup ## the whole thing on this machine: sign-ups to barcodes, then a week of redemptions
	@$(LOCAL) $(PYTHON) -m couponbus_sandbox.demo

up: setup ## the same stack, left running until Ctrl-C (see .couponbus/up.json): make up CONFIG=couponbus.yaml
	@$(LOCAL) $(PYTHON) -m couponbus_sandbox.local.up $(CONFIG:%=--config %)

quick: $(READY) ## in a minute: ruff and the tests that a change reaches: make quick FILES=path
	@$(LOCAL) $(PYTHON) -m tests.quick $(FILES)

unit: $(READY) ## in a minute and a half: one module or one handler at a time
	@$(LOCAL) $(PYTHON) -m pytest -q -n $(WORKERS) -m "not slow and not thorough" tests/unit tests/functions

test: ## every check that CI runs
	@$(MAKE) -j3 setup layers layer-wheels test-code $(CHECKS)
	@$(MAKE) -j2 types tests

soak: $(READY) ## all examples, then damaged answers and random faults for SECONDS (60): make soak SECONDS=300
	@failed=0; COUPONBUS_EXAMPLES=soak $(LOCAL) $(PYTHON) -m pytest -q -n $(WORKERS) -m thorough || failed=1; \
	$(LOCAL) $(PYTHON) -m tests.fuzz.soak --seconds $(FUZZ_SECONDS) || failed=1; \
	$(LOCAL) $(PYTHON) -m tests.simulation.soak --seconds $(RUN_SECONDS) && exit $$failed

bench: setup ## measure speed and cost in three minutes, or a part: make bench ONLY=hot|cost|polling|webhooks|start
	@$(LOCAL) $(PYTHON) -m tests.benchmarks $(ONLY:%=--only %)

synth: $(READY) ## write the CloudFormation templates of a stage to cdk.out: make synth STAGE=prod
	@$(PYTHON) -m couponbus_cli.main synth --stage '$(STAGE)' $(CONFIG:%=--config '%')

adopt: synth ## take what an earlier deployment left behind into the stacks again: make adopt STAGE=prod
	@$(CONFIG:%=COUPONBUS_CONFIG=%) .venv/bin/couponbus restore adopt --stage "$(STAGE)"

aws-smoke: $(READY) layers cdk ## ask AWS what no engine shows, with a stage that is deleted: make aws-smoke NAME=try ACCOUNT=123456789012
	@$(PYTHON) -m tests.aws_smoke --name "$(NAME)" --account "$(ACCOUNT)"

layers: layer-host ## build the vendor layer for arm64 and x86_64
	@$(PYTHON) -m layers.build

wheel: $(READY) ## build the wheel with the command and the simulators into dist
	@$(LOCAL) $(PYTHON) -m hatchling build -t wheel

events: $(READY) ## generate events/: schemas, samples, asyncapi.json and the catalogue
	@$(LOCAL) $(PYTHON) -m events.generate

freeze: $(READY) layers ## before a release: from now on nothing may break the contracts and templates of today
	@$(LOCAL) $(PYTHON) -m events.freeze
	@$(LOCAL) $(PYTHON) -m infra.release.freeze

check: $(CHECKS) types ## the checks without the tests

fmt: $(READY) ## is everything formatted?
	@$(LOCAL) $(PYTHON) -m ruff format --check .

lint: $(READY) ## ruff
	@$(LOCAL) $(PYTHON) -m ruff check .

types: $(READY) ## mypy, strict
	@$(LOCAL) $(PYTHON) -m mypy

imports: $(READY) ## which package may import which
	@$(LOCAL) .venv/bin/lint-imports --no-logo

spell: $(READY) ## codespell
	@$(LOCAL) .venv/bin/codespell

stale: $(READY) ## are the generated contracts fresh, and do they break no subscriber?
	@$(LOCAL) $(PYTHON) -m events.generate --check

tests: setup layers layer-wheels ## pytest with branch coverage
	@$(LOCAL) $(PYTHON) -m pytest -n $(ALL_WORKERS) --cov --cov-report term:skip-covered

lock: $(UV) ## lock the requirement files again after a pin changed
	@$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.13 --no-emit-index-url --no-header --group dev pyproject.toml -o requirements.txt
	@echo 'uv==$(UV_VERSION)' | $(UV) pip compile --quiet --generate-hashes --universal --python-version 3.13 --no-emit-index-url --no-header --no-annotate - -o requirements-uv.txt
	@$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.13 --no-emit-index-url --no-header layers/vendor/requirements.in -o layers/vendor/requirements.txt
	@$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.13 --no-emit-index-url --no-header couponbus_sandbox/requirements.in -o couponbus_sandbox/requirements.txt
	@$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.13 --no-emit-index-url --no-header --constraint requirements.txt tests/browser/requirements.in -o tests/browser/requirements.txt
	@$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.13 --no-emit-index-url --no-header tests/second_engine/requirements.in -o tests/second_engine/requirements.txt

clean: ## delete what was built and installed
	@rm -rf .uv .cdk .venv .venv-engine .venv-localstack .couponbus cdk.out dist layers/vendor/build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.PHONY: layer-host layer-wheels test-code
# Compiled once, while much is fetched, or each process of the tests would do it at its start.
test-code: $(READY)
	@for half in 'tests/[a-e]*' 'tests/[f-z]*'; do \
	$(LOCAL) $(PYTHON) -m pytest -qq --collect-only $$half >/dev/null 2>&1 & done; wait

layer-host: $(READY)
	@$(PYTHON) -m layers.build host

layer-wheels: $(READY)
	@$(PYTHON) -m layers.build wheels

$(READY): requirements.txt pyproject.toml .python-version | $(UV)
	@echo "installing the tools into .venv"
	@$(UV) venv --quiet --allow-existing --no-project .venv || $(NO_PYTHON)
	@$(UV) pip sync --quiet --python $(PYTHON) --require-hashes requirements.txt
	@$(UV) pip install --quiet --python $(PYTHON) --offline --no-deps --no-build-isolation --editable .
	@touch $@

$(ENGINE): couponbus_sandbox/requirements.txt .python-version | $(UV)
	@echo "installing the local engine into .venv-engine"
	@$(UV) venv --quiet --allow-existing --no-project .venv-engine || $(NO_PYTHON)
	@$(UV) pip sync --quiet --python .venv-engine/bin/python --require-hashes couponbus_sandbox/requirements.txt
	@touch $@

# Neither is to be had everywhere, and only the tests of the page need them: `make test` says what is missing.
$(BROWSER): tests/browser/requirements.txt $(READY)
	@echo "installing what drives a browser in tests"
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null || [ "$$(id -u)" != 0 ] || \
	{ $(APT) update && $(APT) install --no-install-recommends chromium; } >/dev/null 2>&1 || :
	@$(UV) pip install --quiet --python $(PYTHON) --require-hashes --requirement tests/browser/requirements.txt 2>/dev/null && touch $@ || :

# Some of its packages have no wheel for musl and for macOS on x86_64: `make test` says what is missing.
$(SECOND): tests/second_engine/requirements.txt .python-version | $(UV)
	@echo "installing the second engine of the tests into .venv-localstack"
	@$(UV) venv --quiet --allow-existing --no-project .venv-localstack || $(NO_PYTHON)
	@$(UV) pip sync --quiet --python .venv-localstack/bin/python --no-build --require-hashes tests/second_engine/requirements.txt 2>.venv-localstack/refused && touch $@ || :

.uv/bin/uv:
	@echo "uv is missing: installing it into .uv"
	@python3 -I -m venv .uv
	@.uv/bin/python -I -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --requirement requirements-uv.txt

.PHONY: cdk
cdk: .cdk/package/bin/cdk ## fetch the CDK CLI into .cdk, and check that it is the pinned one

.cdk/package/bin/cdk: Makefile
	@rm -rf .cdk && mkdir .cdk
	@cd .cdk && npm pack --silent --ignore-scripts aws-cdk@$(CDK_VERSION) >/dev/null
	@python3 -I -c "$$CHECK_SHA512" .cdk/aws-cdk-$(CDK_VERSION).tgz "$(CDK_SHA512)"
	@tar -xzf .cdk/aws-cdk-$(CDK_VERSION).tgz -C .cdk
	@touch $@

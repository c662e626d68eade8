# Everything runs in .venv, which each target makes for itself: Python 3.11 or newer and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/cpu-test.txt
RUN_LOCK := requirements/cpu.txt
INSTALLED := $(VENV)/installed
RUNNING := $(VENV)/running

.DEFAULT_GOAL := help
.PHONY: help demo run test check bench bench-store bench-gate bench-factory bench-exchange bench-yard bench-batch bench-visits bench-screen screenshots messages lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(RUNNING) ## a made-up site with cameras that it draws itself; prints the address and the logins
	$(BIN)/alpr demo

run: $(RUNNING) ## the site of ./alpr.toml (another: make run CONFIG=/etc/alpr/alpr.toml)
	$(BIN)/alpr run $(if $(CONFIG),--config $(CONFIG))

test: $(INSTALLED) ## the tests (make test ARGS="tests/camera -k rtp")
	$(BIN)/python -m pytest $(or $(ARGS),--numprocesses logical --dist loadfile)

check: $(INSTALLED) ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(INSTALLED) ## accuracy and speed: make bench DIR=pictures REGION=eu (the folder has a truth.csv)
	@test -n "$(DIR)" || { echo 'bench: name the folder: make bench DIR=pictures REGION=eu'; exit 2; }
	$(BIN)/alpr bench $(DIR) $(if $(REGION),--region $(REGION))

bench-visits: $(INSTALLED) ## how right and how fast visits are: make bench-visits READS=1000000 VISITS=100000
	$(BIN)/python -m alpr.ops.bench.visits
	$(BIN)/python -m alpr.ops.bench.visitstore $(if $(READS),--reads $(READS)) $(if $(VISITS),--visits $(VISITS)) $(if $(DATA),--data $(DATA))

screenshots: $(INSTALLED) ## the pictures of the README by Chromium (of a site that runs: make screenshots ADDRESS=http://127.0.0.1:8080 ACCOUNT=admin PASSWORD=...)
	$(BIN)/python -m tests.browser.screenshots $(if $(ADDRESS),--address $(ADDRESS) --user $(ACCOUNT) --password $(PASSWORD))

bench-store: $(INSTALLED) ## speed of search, lists and pages with made-up reads: make bench-store READS=1000000
	$(BIN)/python -m alpr.ops.bench.store $(if $(READS),--reads $(READS)) $(if $(DATA),--data $(DATA))

bench-screen: $(INSTALLED) ## how soon a stored read is on the guard's screen, in Chromium
	$(BIN)/python -m tests.browser.guardspeed

bench-gate: $(INSTALLED) ## speed of what decides who may enter, and of telling it
	$(BIN)/python -m alpr.ops.bench.match
	$(BIN)/python -m alpr.ops.bench.rules
	$(BIN)/python -m alpr.ops.bench.delivery
	$(BIN)/python -m alpr.ops.bench.barrier

bench-yard: $(INSTALLED) ## speed of the pages of the yard and of grouping reads into passes: make bench-yard PASSES=200000
	$(BIN)/python -m alpr.ops.bench.yard $(if $(PASSES),--passes $(PASSES)) $(if $(DATA),--data $(DATA))

bench-batch: $(INSTALLED) ## stills a minute with 1 and 2 workers, and 10,000 of them killed five times: make bench-batch DIR=pictures
	@test -n "$(DIR)" || { echo 'bench-batch: name a folder with stills: make bench-batch DIR=pictures'; exit 2; }
	$(BIN)/python -m alpr.ops.bench.batch $(DIR) $(if $(PICTURES),--pictures $(PICTURES))

messages: $(INSTALLED) ## bring the catalogues of alpr/locale up to date with what the pages say
	$(BIN)/python -m alpr.ops.messages

bench-exchange: $(INSTALLED) ## how many reads of other systems are taken: make bench-exchange RATE=500
	$(BIN)/python -m alpr.ops.bench.exchange $(if $(RATE),--rate $(RATE))

bench-factory: $(INSTALLED) ## how many activity events the box takes, and how fast a year of them is added up
	$(BIN)/python -m alpr.ops.bench.factory

LOCKING := pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet

lock: $(INSTALLED) ## bring the pins in requirements/ in line with pyproject.toml (the newest versions: make lock UPGRADE=1)
	$(BIN)/uv --version >/dev/null 2>&1 || $(BIN)/pip install uv
	$(BIN)/uv $(LOCKING) $(if $(UPGRADE),--upgrade) --extra cpu --extra test pyproject.toml requirements/build.in --output-file $(LOCK)
	$(BIN)/uv $(LOCKING) --constraint $(LOCK) --extra cpu pyproject.toml requirements/build.in --output-file $(RUN_LOCK)
	@! grep -nE '://|--(extra-)?index-url|--find-links' $(LOCK) $(RUN_LOCK) || { echo 'requirements/ names a registry'; exit 1; }

clean: ## remove the environment and the caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'alpr needs Python 3.11 or newer; $(PYTHON) is' "$$($(PYTHON) --version)"': make PYTHON=python3.12'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r $(1)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endef

$(RUNNING): pyproject.toml $(RUN_LOCK)
	$(call install,$(RUN_LOCK))
	@touch $@

$(INSTALLED): pyproject.toml $(LOCK)
	$(call install,$(LOCK))
	@touch $(RUNNING) $@

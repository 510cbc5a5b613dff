# One command a job. Everything is installed into .venv from the hash-checked requirements files.
PYTHON ?= python3
BIN := .venv/bin

# Compiled modules are kept, or each of the many programs that tests start would compile them anew.
unexport PYTHONDONTWRITEBYTECODE

# Playwright's own event loop and pytest-asyncio don't go together, so journeys are a run of their own. In the order
# of their names: the file with the fewest tests takes longest, and must not come last.
JOURNEYS = $(BIN)/pytest -p no:asyncio -n 2 --dist loadfile --no-loadscope-reorder tests/e2e

.PHONY: run test check format lint types e2e faults explore soak bench audit screenshots lock browser gateway rivals help

help:  ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/run.stamp  ## install what is needed and start the app with demo data on http://127.0.0.1:8080
	@SMS_DEMO=$${SMS_DEMO:-1} exec $(BIN)/python main.py serve

test: .venv/dev.stamp browser gateway check  ## format, lint, types and the whole suite
	$(BIN)/pytest -p no:playwright -n 3 --dist worksteal --ignore=tests/e2e tests
	$(JOURNEYS)

e2e: .venv/dev.stamp browser  ## browser tests only
	$(JOURNEYS)

faults: .venv/dev.stamp  ## every fault in full: kills, broken carriers, full disks (about half an hour)
	FAULTS=full $(BIN)/pytest -p no:playwright -n 3 --dist worksteal --timeout=1500 tests/faults

explore: .venv/dev.stamp  ## every property with examples that were never tried (the suite tries the same ones each time)
	$(BIN)/pytest -p no:playwright -n 2 --hypothesis-profile=explore -m hypothesis --ignore=tests/e2e tests

soak: .venv/dev.stamp  ## half an hour at a steady rate to a million people: memory, database and log in bounds
	FAULTS=full SOAK_MINUTES=30 SOAK_PEOPLE=1000000 $(BIN)/pytest -p no:playwright --timeout=3600 tests/faults/test_soak.py

check: .venv/dev.stamp  ## format, lint and types, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: .venv/dev.stamp  ## rewrite the files as the formatter wants them
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/bench.stamp rivals  ## benchmarks; each prints a ratio against a baseline of the same run (NAME=dispatch: one)
	$(BIN)/python -m bench $(NAME)

audit: .venv/audit.stamp  ## ask the package index which locked dependencies have known holes (needs the internet; not part of CI)
	$(BIN)/pip-audit --require-hashes --disable-pip --strict --progress-spinner off -r requirements.txt -r requirements-dev.txt

screenshots: .venv/dev.stamp browser  ## the pictures of README and docs, taken from a fresh demo
	$(BIN)/python -m docs.screenshots

lock: .venv/dev.stamp  ## pin the dependencies anew
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev --group bench -c requirements-dev.txt -o requirements-bench.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --group pyproject.toml:audit -c requirements-bench.txt -o requirements-audit.txt

browser:  # without a window a page costs a third; where that is not packaged, all of Chromium does as well
	@command -v chromium-headless-shell >/dev/null || if command -v apt-get >/dev/null; then apt-get update -qq; \
		for one in chromium-headless-shell chromium; do \
			apt-get install -y -qq --no-install-recommends $$one fonts-noto-color-emoji && break; \
		done || command -v chromium >/dev/null; fi

gateway:  # a real Kannel to send through; without apt its tests are skipped and say so
ifeq ($(wildcard /usr/lib/kannel/test/fakesmsc),)
	@if command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends kannel kannel-extras; fi
endif

rivals:  # what the benchmarks compare with; without apt that part is skipped and says so
	@if ! { command -v redis-server && command -v bearerbox; } >/dev/null; then \
		if command -v apt-get >/dev/null; then \
			apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server kannel; \
		else echo "There is no apt here: the rivals of the benchmarks are skipped."; fi; fi

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

.venv/dev.stamp: requirements-dev.txt | .venv/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@ .venv/run.stamp

.venv/audit.stamp: requirements-audit.txt .venv/dev.stamp
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-audit.txt
	touch $@

.venv/bench.stamp: requirements-bench.txt | .venv/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-bench.txt
	touch $@ .venv/dev.stamp .venv/run.stamp

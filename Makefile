# The commands people type. Each sets up what it needs first; see scripts/setup.sh.
# More for one run: make test ARGS="tests/db -k paging"

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test test-15 test-long faults check build test-build bench screenshots tour lock clean setup-run setup-test setup-bench

ARGS ?=
# Two workers: the suite's goal is ten minutes on two cores.
WORKERS ?= 2
PICTURES ?= tour

bin := .venv/bin
# A worker that crashes ends the run with its report; a new one in its place can wait for ever.
pytest := $(bin)/python -m pytest -n $(WORKERS) --dist loadfile --max-worker-restart 0
fast := -m "not long and not fault and not frozen" $(ARGS)

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: setup-run ## the window on the demo database; without a display, pictures of every pane
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		$(bin)/vln-desktop demo $(ARGS); \
	else \
		echo "No display here: a tour of the window goes to $(PICTURES)/"; \
		$(bin)/vln-desktop tour --out "$(PICTURES)" $(ARGS); \
		echo "The pictures and papers are in $$(realpath "$(PICTURES)")/"; \
	fi

test: setup-test ## the fast suite on the embedded PostgreSQL 18
	$(pytest) $(fast)

test-15: setup-test ## the same suite on Debian's PostgreSQL 15
	VLN_TEST_SERVER=debian15 $(pytest) $(fast)

test-long: setup-test ## the tests that take minutes, such as ten thousand broken files
	$(pytest) -m long --timeout 3600 $(ARGS)

faults: setup-test ## what breaks underneath, such as a full disk or a link that is cut
	$(pytest) -m fault --timeout 900 $(ARGS)

check: setup-test ## style, types, layers, dead code, known weaknesses of the libraries
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports --no-logo
	$(bin)/python scripts/dead_code.py
	$(bin)/python scripts/audit.py

build: setup-test ## the program as one folder that needs no Python, in dist/vln-desktop
	$(bin)/pyinstaller --noconfirm --log-level ERROR build.spec

test-build: setup-test ## what `make build` made: tour, import and doctor without Python on the path
	$(bin)/python -m pytest -m frozen --timeout 900 $(ARGS)

bench: setup-bench ## the benchmarks, each beside its baseline
	$(bin)/vln-desktop bench $(ARGS)

screenshots: setup-run ## a picture of every pane and dialog, a report and an invoice, in tour/
	$(bin)/vln-desktop tour --out "$(PICTURES)" $(ARGS)

tour: screenshots

lock: setup-test ## remakes the lock files; ARGS=--upgrade for the newest versions
	scripts/lock.sh $(ARGS)

clean: ## removes what the tools left behind, not .venv
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist tour
	find vln_desktop migrations scripts tests -name __pycache__ -prune -exec rm -rf {} +

setup-run setup-test setup-bench:
	@scripts/setup.sh $(@:setup-%=%)

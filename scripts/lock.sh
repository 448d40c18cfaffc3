#!/bin/sh
# Remakes requirements.lock and requirements-bench.lock from pyproject.toml, for every platform and with hashes.
#
# usage: scripts/lock.sh [--upgrade]
#
# No index address is written: whoever installs uses the index of their own settings. uv reads UV_DEFAULT_INDEX,
# UV_INDEX and UV_FIND_LINKS; pip's settings are not its own.
set -eu
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links "$@"
}

compile --group dev --output-file requirements.lock "$@" pyproject.toml
# constrained by the first: installing the second must not change what the first one set
compile --group bench --constraint requirements.lock --output-file requirements-bench.lock "$@"

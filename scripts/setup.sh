#!/bin/sh
# Sets up what `make` needs on Debian 12 with only make, git and python3: system packages, .venv, the program in it.
#
# usage: scripts/setup.sh run|test|bench      (test and bench include run)
#
# Everything already there is left alone, so a repeated call costs a few hundredths of a second.
set -eu

cd "$(dirname "$0")/.."
purpose=${1:?usage: scripts/setup.sh run|test|bench}
python=${PYTHON:-python3}
root=$(pwd)

say() { printf '%s\n' "$*" >&2; }

# ------------------------------------------------------------------ system packages

# The packages of one section of packages.debian.
section() {
    awk -v wanted="[$1]" '
        { sub(/#.*/, "") }
        /^\[/ { here = ($1 == wanted); next }
        here && NF { print $1 }' packages.debian
}

wanted_packages() {
    section run
    case $purpose in
        test) section test ;;
        bench) section bench ;;
    esac
}

missing_packages() {
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
    wanted_packages | grep -vxF "$installed" || true
}

# The one line that installs the packages named. Debian's PostgreSQL would make a cluster and start it;
# the tests make their own and stop them, so a machine that has no PostgreSQL yet is told not to.
install_line() {
    case " $* " in
        *" postgresql-15 "*)
            if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
                printf '%s' 'mkdir -p /etc/postgresql-common && ' \
                    'echo create_main_cluster = false > /etc/postgresql-common/createcluster.conf && '
            fi ;;
    esac
    printf '%s' 'apt-get update && DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 ' \
        "apt-get install -y --no-install-recommends $*"
}

install_packages() {
    if ! command -v dpkg-query >/dev/null; then
        say "Not a Debian system: please see to the libraries listed in packages.debian yourself."
        return
    fi
    missing=$(missing_packages | tr '\n' ' ' | sed 's/ *$//')
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086  # one word per package
    line=$(install_line $missing)
    if [ "$(id -u)" = 0 ]; then
        say "Installing system packages: $missing"
        sh -c "$line" >&2 9>&-
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        say "Installing system packages through sudo: $missing"
        sudo -n sh -c "$line" >&2 9>&-
    else
        say "Some system packages are missing. Please run this one line as root, then the same make again:"
        say ""
        say "$line"
        say ""
        exit 1
    fi
}

# ------------------------------------------------------------------ the virtual environment

# A digest of everything that decides what is installed; kept beside it once it is.
digest_of() {
    { printf '%s\n' "$root"; "$python" --version; cat "$@"; } | sha256sum | cut -d' ' -f1
}

is_done() { [ "$(cat ".venv/$1.done" 2>/dev/null)" = "$2" ]; }

make_venv() {
    # A half-made environment has no working pip; in a moved one, programs name the old place.
    if ! .venv/bin/python -c 'import pip' 2>/dev/null || ! grep -qF "$root/.venv/" .venv/bin/pip; then
        say "Making the virtual environment .venv"
        "$python" -m venv --clear .venv
    fi
}

# install_lock NAME LOCK: the locked files, each checked against its hash.
install_lock() {
    digest=$(digest_of "$2")
    is_done "$1" "$digest" && return
    make_venv
    say "Installing the libraries of $2 (the first time a minute or two)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$2"
    printf '%s\n' "$digest" > ".venv/$1.done"
}

# The program itself, as it lies here: no download, no isolated build.
install_program() {
    digest=$(digest_of pyproject.toml vln_desktop/__init__.py)
    is_done program "$digest" && return
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --no-index --no-deps --no-build-isolation -e .
    printf '%s\n' "$digest" > .venv/program.done
}

# ------------------------------------------------------------------

case $purpose in run | test | bench) ;; *) say "unknown purpose: $purpose"; exit 2 ;; esac
exec 9<. && flock 9   # two makes at once: the second waits for the first
install_packages
install_lock libraries requirements.lock
install_program
if [ "$purpose" = bench ]; then
    install_lock bench requirements-bench.lock
fi

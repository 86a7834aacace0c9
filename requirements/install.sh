#!/bin/sh
# Puts the packages of a lock file into a virtual environment and says what it does. Each file is checked against its
# hash. uv does it in seconds where pip takes minutes; where uv can't be had or fails, pip does it all the same.
# Usage: requirements/install.sh LOCK VENV PYTHON
set -eu
lock=$1
venv=$2
python=$3

if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "RagLeap needs Python 3.11 or newer (found: $("$python" --version 2>&1 || echo none))." >&2
    exit 1
fi

if [ ! -x "$venv/bin/python" ]; then
    echo "Making a virtual environment in $venv with $("$python" --version)"
    # Debian's python3 comes without ensurepip: then the environment has no pip of its own and ours installs into it.
    "$python" -m venv "$venv" 2>/dev/null || "$python" -m venv --without-pip "$venv"
fi
if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    pip="$venv/bin/python -m pip"
else
    pip="$python -m pip --python $venv/bin/python"
fi
pip="$pip --disable-pip-version-check --no-input"

with_uv() {
    # It brings pip along too, for an environment that has none: the models' files are fetched with it.
    $pip install --quiet --require-hashes --only-binary :all: -r requirements/installer.lock || return 1
    # The same registry and certificates as pip uses, where those are not the usual ones.
    index=${PIP_INDEX_URL:-$($pip config get global.index-url 2>/dev/null || true)}
    certificates=${PIP_CERT:-$($pip config get global.cert 2>/dev/null || true)}
    [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
    [ -z "$certificates" ] || export SSL_CERT_FILE="$certificates"
    [ -z "${PIP_FIND_LINKS:-}" ] || export UV_FIND_LINKS="$PIP_FIND_LINKS"
    quiet=--quiet
    [ ! -t 2 ] || quiet= # a terminal gets bars
    "$venv/bin/uv" pip install $quiet --python "$venv/bin/python" --require-hashes --only-binary :all: \
        --compile-bytecode -r "$lock"
}

with_pip() {
    echo "Installing with pip instead; this takes some minutes"
    $pip install --quiet --require-hashes --only-binary :all: -r "$lock" &
    child=$!
    trap 'kill "$child" 2>/dev/null; exit 130' INT TERM # a background process of a script ignores Ctrl-C by itself
    seconds=0
    while kill -0 "$child" 2>/dev/null; do
        sleep 1
        seconds=$((seconds + 1))
        if [ $((seconds % 10)) -eq 0 ]; then
            there=$(find "$venv/lib" -maxdepth 3 -name '*.dist-info' 2>/dev/null | wc -l)
            echo "  $seconds s: $there packages in place"
        fi
    done
    wait "$child"
    trap - INT TERM
}

echo "Installing the packages of $lock, each checked against its hash (some 1.5 GB on disk, once)"
with_uv || with_pip
echo "Putting RagLeap itself on the path"
# "compat" is a plain path: setuptools' other way costs every process an import hook.
PYTHONWARNINGS=ignore $pip install --quiet --no-deps --no-build-isolation --config-settings editable_mode=compat -e .

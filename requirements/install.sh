#!/bin/sh
# Puts the packages of a lock file into a virtual environment, starting from Python's own pip, and says so.
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

with_pip() {
    $pip install --disable-pip-version-check --no-input --require-hashes --only-binary :all: --progress-bar on \
        --quiet -r "$lock" &
    child=$!
    trap 'kill "$child" 2>/dev/null; exit 130' INT TERM  # a background process of a script ignores Ctrl-C by itself
    seconds=0
    while kill -0 "$child" 2>/dev/null; do
        sleep 1
        seconds=$((seconds + 1))
        if [ $((seconds % 10)) -eq 0 ]; then
            echo "  $seconds s: $(ls -d "$venv"/lib/python3.*/site-packages/*.dist-info 2>/dev/null | wc -l) packages in place"
        fi
    done
    wait "$child"
    trap - INT TERM
}

echo "Installing the packages of $lock, each checked against its hash (about 2 GB on disk, once)"
# uv does in seconds from its cache what pip does in minutes. Where it cannot (another index, an unusual platform),
# pip does it.
uv=$venv/bin/uv
if $pip install --disable-pip-version-check --no-input --require-hashes --only-binary :all: --quiet \
    -r requirements/uv.lock && "$uv" pip install --python "$venv/bin/python" --require-hashes --only-binary :all: \
    --no-config -r "$lock"; then
    :
else
    echo "Without uv, then: this takes some minutes"
    with_pip
fi
echo "Putting RagLeap itself on the path"
$pip install --disable-pip-version-check --no-input --quiet --no-deps --no-build-isolation -e .

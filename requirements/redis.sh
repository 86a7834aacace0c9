#!/bin/sh
# What one benchmark needs from Debian: redis-server, which the Celery baseline runs on. Installed where we may (root),
# said plainly where we may not. The benchmark starts a server of its own; the package shall leave none running.
set -eu
command -v redis-server >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the benchmark: redis-server"
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 # in this run level its service is not started
    apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-server >/dev/null
    exit 0
fi
echo "redis-server is not installed: the Celery baseline can't be measured (package redis-server)." >&2
exit 1

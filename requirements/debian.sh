#!/bin/sh
# What the browser tests need from Debian: Chromium. Installed where we may (root), said plainly where we may not.
set -eu
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests"
    if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium \
        fonts-dejavu-core >/dev/null; then
        exit 0
    fi
fi
echo "Chromium is not installed: the browser tests will be skipped. Install the package chromium to run them."

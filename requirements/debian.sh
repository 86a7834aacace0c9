#!/bin/sh
# What some tests need from Debian: Chromium (the browser's), PostgreSQL (the journal's second store, and a business's
# database), MariaDB (a business's database) and Dovecot (a mailbox). Installed where we may (root), said plainly where we may not.
set -eu
wanted=

chromium=
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then chromium=$name; fi
done
[ -n "$chromium" ] || wanted="chromium fonts-dejavu-core"

postgres=$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -n 1)
[ -n "$postgres" ] || wanted="$wanted postgresql"

mariadb=$(command -v mariadbd || ls /usr/sbin/mariadbd 2>/dev/null || true)
[ -n "$mariadb" ] || wanted="$wanted mariadb-server-core mariadb-client-core"

dovecot=$(command -v dovecot || ls /usr/sbin/dovecot 2>/dev/null || true)
[ -n "$dovecot" ] || wanted="$wanted dovecot-imapd"

[ -n "$wanted" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests:" $wanted
    # The tests start a server of their own; the package shall not leave one running on this machine.
    alone=/etc/postgresql-common/createcluster.d/ragleap-tests.conf
    if [ -z "$postgres" ]; then
        mkdir -p "${alone%/*}"
        echo "create_main_cluster = false" >"$alone"
    fi
    installed=yes
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted \
        >/dev/null; } || installed=
    rm -f "$alone"
    [ -z "$installed" ] || exit 0
fi
[ -n "$chromium" ] || echo "Chromium is not installed: the browser tests will be skipped (package chromium)."
[ -n "$postgres" ] || echo "PostgreSQL is not installed: half of the journal's tests will be skipped (package postgresql)."
[ -n "$mariadb" ] || echo "MariaDB is not installed: some tests of live databases will be skipped (packages" \
    "mariadb-server-core mariadb-client-core)."
[ -n "$dovecot" ] || echo "Dovecot is not installed: the tests of mailboxes will be skipped (package dovecot-imapd)."

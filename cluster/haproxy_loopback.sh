#!/bin/sh
# Ray Serve's HAProxy template binds its metrics and statistics ports on every interface and makes its admin socket
# open to every user. Serve runs this in place of HAProxy: it narrows both in a copy of the configuration, then becomes
# HAProxy. Arguments are Serve's own: -db -f CONFIG ...
set -eu
config=""
previous=""
for argument in "$@"; do
    [ "$previous" = "-f" ] && config=$argument
    previous=$argument
done
if [ -n "$config" ]; then
    sed -e 's/^\([[:space:]]*\)bind :\([0-9]\)/\1bind 127.0.0.1:\2/' \
        -e 's/^\([[:space:]]*\)bind \*:\([0-9]\)/\1bind 127.0.0.1:\2/' \
        -e 's/ mode 666 level admin/ mode 600 level admin/' "$config" >"$config.loopback"
    count=$#
    while [ "$count" -gt 0 ]; do
        argument=$1
        shift
        [ "$argument" = "$config" ] && argument="$config.loopback"
        set -- "$@" "$argument"
        count=$((count - 1))
    done
fi
exec "$RAGLEAP_HAPROXY" "$@"

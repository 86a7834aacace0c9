#!/bin/sh
# Ray Serve's HAProxy template binds its metrics and statistics ports on every interface and makes its admin socket
# open to every user. Serve runs this in place of HAProxy: it narrows both in a copy of the configuration, then becomes
# HAProxy. A caller's idle connection is kept for 75 s: Serve would keep it for as long as the gateway keeps HAProxy's,
# and those must outlast every reuse. HAProxy tells the gateway whom it was called by (X-Forwarded-For): visitors'
# limits are per address.
# Arguments are Serve's own: -db -f CONFIG ...
#
# While no gateway runs, HAProxy itself answers. Serve's template makes that a bare 500, which tells a caller nothing; here
# it is a problem document with 503 and Retry-After, as every other answer of ours: the same request may be sent again.
# A HAProxy that has just started knows no gateway yet; Serve's template has it say 404 to everything then, which is no
# less wrong (the gateway takes every path): a backend without a server says 503. And so is what Serve's fallback proxy
# makes up in plain text (404, 500) where the gateway dies under it or is not known to it yet.
set -eu
config=""
previous=""
for argument in "$@"; do
    [ "$previous" = "-f" ] && config=$argument
    previous=$argument
done
if [ -n "$config" ]; then
    problem='{"type":"urn:ragleap:problem:unavailable","title":"Unavailable","status":503,"detail":"The gateway is restarting. Nothing accepted is lost; send the request again in a moment."}'
    printf 'HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\nRetry-After: 1\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n%s' \
        "${#problem}" "$problem" >"$config.unavailable"
    unavailable=$(printf '%s' "$config.unavailable" | sed 's/[&#\\]/\\&/g')
    sed -e 's/^\([[:space:]]*\)bind :\([0-9]\)/\1bind 127.0.0.1:\2/' \
        -e 's/^\([[:space:]]*\)bind \*:\([0-9]\)/\1bind 127.0.0.1:\2/' \
        -e "s#^\([[:space:]]*errorfile 50[234]\) .*#\1 \"$unavailable\"#" \
        -e '/^[[:space:]]*http-request return status 404 .*Path.*not found/d' \
        -e "s#^\([[:space:]]*\)server \([^ ]*\) .* check backup\$#\1http-response return status 503 errorfile \"$unavailable\" if { srv_name \2 } { status 404:599 } { res.hdr(content-type) -m beg text/plain }\n&#" \
        -e 's/^\([[:space:]]*\)option abortonclose$/&\n\1option forwardfor/' \
        -e 's/^\([[:space:]]*timeout http-keep-alive\) .*/\1 75s/' \
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

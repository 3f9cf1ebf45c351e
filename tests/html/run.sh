#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The HTML report in a browser that shows itself to nobody: TAP. Without Node.js, npm, Chromium, or what npm has
# to fetch (into build/html), it is skipped, and says so.
#   run.sh          tests
#   run.sh bench    a million intervals: size, first paint, zoom
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

out=build/html
packages=(playwright-core@1.56.1 axe-core@4.11.0)

skip() {
    printf '1..1\nok 1 - the HTML report in a browser # SKIP %s\n' "$1"
    exit 0
}

command -v node >/dev/null || skip 'node is not installed'
command -v npm >/dev/null || skip 'npm is not installed'
CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
[ -n "$CHROMIUM" ] || skip 'chromium is not installed'
export CHROMIUM

make --no-print-directory "$out/make_pages" >&2 || exit 1
mkdir -p "$out/pages"
if [ "$(cat "$out/.packages" 2>/dev/null)" != "${packages[*]}" ]; then
    timeout -k 5 120 npm install --prefix "$out" --no-save --no-audit --no-fund --ignore-scripts --loglevel=error \
        --prefer-offline --fetch-retries=1 --fetch-retry-maxtimeout=5000 "${packages[@]}" \
        </dev/null >&2 || skip 'npm cannot fetch playwright-core and axe-core'
    printf '%s' "${packages[*]}" >"$out/.packages"
fi

if [ "${1:-}" = bench ]; then
    "$out/make_pages" "$out/pages" 1000000 || exit 1
    NODE_PATH=$out/node_modules timeout -k 5 120 node tests/html/bench.cjs "$out/pages"
else
    "$out/make_pages" "$out/pages" || exit 1
    NODE_PATH=$out/node_modules timeout -k 5 450 node tests/html/page.cjs "$out/pages"
fi

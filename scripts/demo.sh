#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The main job on the demo in its four modes: the same ten pieces of work, organized differently.
set -eu
cd "$(dirname "$0")/.."

tell() { printf '\n======== %s ========\n' "$*"; }

# Under a minute in all, also on a slow machine.
amount=${AMOUNT:-300000}
./conctrace doctor >/dev/null || {
    ./conctrace doctor
    exit 1
}
for mode in serial threads processes eventloop; do
    tell "conctrace ./workload --mode=$mode --task=cpu --amount=$amount"
    ./conctrace ./workload --mode="$mode" --task=cpu --amount="$amount"
done
[ "$(id -u)" -ne 0 ] || chown -R -h --reference=. build conctrace workload # it stays the owner's tree
tell 'done; now your own: sudo ./conctrace COMMAND'

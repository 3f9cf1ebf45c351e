#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A long mixed load, recorded: conctrace loses nothing, its sums are exact, its memory does not grow.
#   soak.sh [--minutes N]      default 30; needs root and what `make programs` builds
# Half the time is one run that switches as fast as the machine can; then many short ones of all kinds.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

minutes=30
[ "${1:-}" = --minutes ] && minutes=${2:?--minutes needs a number}
[ "$(id -u)" -eq 0 ] || { echo 'needs root' && exit 77; }
growth_kib=16384 # what the 40 threads of each round leave behind, and the allocator's slack
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0 runs=0

wrong() {
    echo "WRONG: $*"
    bad=$((bad + 1))
}

# held NAME: what must be true of the run that has just ended
held() {
    runs=$((runs + 1))
    /usr/bin/python3 tests/check/validate_report.py "$dir/json" || wrong "$1: the report breaks a law"
    jq -e '.lost.events == 0 and .lost.threads == 0 and .summary.unknown_ns == 0
        and .accuracy.voluntary_difference == 0 and .accuracy.involuntary_difference == 0' "$dir/json" >/dev/null ||
        wrong "$1: $(jq -c '[.lost, .accuracy]' "$dir/json")"
    { ./conctrace report -q --json "$dir/again" "$dir/rec" && cmp -s "$dir/json" "$dir/again"; } ||
        wrong "$1: the recording gives another report"
}

rss() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status" 2>/dev/null; }

seconds=$((minutes * 30))
# shellcheck disable=SC2016 # the inner shell's
./conctrace -q --json "$dir/json" --record "$dir/rec" bash -c \
    'while [ $SECONDS -lt $1 ]; do "$0" 1 20000 >/dev/null || exit; done' build/tests/messaging "$seconds" &
pid=$!
sleep $((seconds / 4 + 1))
warm=$(rss $pid)
last=$warm
while now=$(rss $pid) && [ -n "$now" ]; do
    last=$now
    sleep 1
done
wait $pid || wrong "the long run ended with $?"
held 'the long run'
echo "long run: $(jq -r '"\(.summary.switches.voluntary + .summary.switches.involuntary) switches in \(.wall_ns / 1e9 | floor) s, \(.summary.threads) threads"' "$dir/json"), memory $warm KiB warm, $last KiB at its end, recording $(stat -c %s "$dir/rec") bytes"
[ $((last - warm)) -le $growth_kib ] || wrong "memory grew from $warm to $last KiB"

end=$((SECONDS + seconds))
while [ $SECONDS -lt $end ]; do
    for load in './workload --mode=threads --task=mixed --speed=50' './workload --mode=processes --task=cpu --amount=20000' \
        './workload --mode=eventloop --task=net --tasks=4' './workload --mode=pool --task=cpu --gil --amount=20000' \
        'build/tests/family' 'build/tests/crowd over-time 1000' 'build/tests/messaging 2 100'; do
        # shellcheck disable=SC2086 # words
        ./conctrace -q --json "$dir/json" --record "$dir/rec" $load >"$dir/out" 2>&1 || wrong "$load ended with $?"
        held "$load"
    done
done
echo "$runs runs, $bad wrong"
[ "$bad" -eq 0 ]

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Injects faults and damaged inputs, as TAP, and prints how many there were and how many did harm.
#   run.sh [all | some]     some: the share that each run of all tests has time for
# Each part ends in a line "N faults, M wrong", and fails if M is not 0 or if it did not come to its end.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

share=${1:-all}
export PATH=$PATH:/usr/sbin # of bpftool
total=0 wrong=0 number=0
output=$(mktemp) || exit 1
trap 'rm -f "$output"' EXIT

# part NAME COMMAND...: status 77 skips it
part() {
    local name=$1 status=0 n=0 m=0
    shift
    number=$((number + 1))
    "$@" >"$output" 2>&1 || status=$?
    if [ "$status" -eq 77 ]; then
        echo "ok $number - $name # SKIP $(tail -n 1 "$output")"
        return
    fi
    read -r n m < <(sed -nE 's/^([0-9]+) faults, ([0-9]+) wrong$/\1 \2/p' "$output" | tail -n 1)
    [ "$status" -eq 0 ] || [ "${m:-0}" -gt 0 ] || m=1
    [ "${n:-0}" -gt 0 ] || m=1
    total=$((total + ${n:-0})) wrong=$((wrong + m))
    [ "$m" -eq 0 ] || { echo -n 'not ' && sed 's/^/# /' "$output" >&2; }
    echo "ok $number - $name: ${n:-0} faults, $m wrong"
}

damaged() { # damaged PROGRAM CNT: its own line is of reports, refused and without memory
    local line status=0
    line=$("$1" "$2" tests/golden/*.rec tests/fuzz/corpus/*) || status=$?
    echo "$line"
    echo "$line" | awk -v bad="$status" '/ reports, / { n = $1 + $3 + $5; bad += $5 }
        END { printf "%d faults, %d wrong\n", n, bad }'
}

recordings=2000 allocations=100000 kills=50 calls=150
[ "$share" = all ] || recordings=300 allocations=10 kills=5 calls=10

part 'damaged recordings' damaged build/fuzz/damage "$recordings"
part 'damaged recordings with right sums' damaged build/fuzz/damage-unsummed "$recordings"
part 'no memory for a report' build/faults/memory "$allocations" tests/fuzz/corpus/*.rec tests/golden/*.rec
part 'killed with -9' tests/faults/live.py kill "$kills"
part 'outputs that cannot be written' tests/faults/live.py outputs
part 'system calls of conctrace fail' tests/faults/live.py syscalls "$calls"
echo "1..$number"
echo "# $total faults and damaged inputs, $wrong wrong"
[ "$wrong" -eq 0 ]

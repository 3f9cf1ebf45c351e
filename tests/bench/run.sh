#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What watching costs: every design in alternation, medians over the rounds, ratios to empty probes
# on the same tracepoints. Run by `make bench` as root. ROUNDS and SCALE may be set.
# Timing decides nothing here: it is printed, for people to read.
set -euo pipefail

bin=${1:?usage: run.sh DIR_OF_BENCH_PROGRAMS}
rounds=${ROUNDS:-11}
scale=${SCALE:-1}
switches=$((200000 * scale))
calls=$((1000000 * scale))
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

median() { sort -g "$1" | awk '{v[NR] = $1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

# designs: NAME and the words put before the load
declare -A sched_by=(
    [none]=""
    [floor]="$bin/floor sched"
    [conctrace-no-syscalls]="./conctrace -q --no-syscalls --"
    [conctrace]="./conctrace -q --"
    [conctrace-record]="./conctrace -q --record $tmp/run.rec --"
)
declare -A call_by=(
    [none]=""
    [floor]="$bin/floor all"
    [conctrace-no-syscalls]="./conctrace -q --no-syscalls --"
    [conctrace]="./conctrace -q --"
)
sched_names=(none floor conctrace-no-syscalls conctrace conctrace-record)
call_names=(none floor conctrace-no-syscalls conctrace)
# from start to end around a command that does nothing
declare -A start_by=(
    [none]=""
    [conctrace-no-syscalls]="./conctrace -q --no-syscalls --"
    [conctrace]="./conctrace -q --"
)
start_names=(none conctrace-no-syscalls conctrace)
if command -v perf >/dev/null; then
    sched_by[perf-stat]="perf stat -o $tmp/perf.txt -e context-switches --"
    sched_by[perf-sched-record]="perf sched record -o $tmp/perf.data --"
    sched_names+=(perf-stat perf-sched-record)
fi
if command -v strace >/dev/null; then
    call_by[strace-c]="strace -f -c -o $tmp/strace.txt --"
    call_names+=(strace-c)
fi

for ((i = 1; i <= rounds; i++)); do
    [ -t 2 ] && printf '\rround %d of %d' "$i" "$rounds" >&2
    for name in "${sched_names[@]}"; do
        # shellcheck disable=SC2086 # the words are meant to be split
        ${sched_by[$name]} "$bin/load" switch "$switches" 2>/dev/null | grep -E '^[0-9.]+$' >>"$tmp/switch.$name" || echo "$name failed once"
    done
    for name in "${call_names[@]}"; do
        n=$calls
        [ "$name" = strace-c ] && n=$((calls / 20))
        # shellcheck disable=SC2086
        ${call_by[$name]} "$bin/load" syscall "$n" 2>/dev/null | grep -E '^[0-9.]+$' >>"$tmp/syscall.$name"
    done
    for name in "${start_names[@]}"; do
        began=${EPOCHREALTIME/./}
        ${start_by[$name]} true
        awk "BEGIN { print (${EPOCHREALTIME/./} - $began) / 1000 }" >>"$tmp/start.$name"
    done
done
[ -t 2 ] && printf '\r\033[K' >&2

table() { # table LOAD UNIT NAME...
    local load=$1 unit=$2 none floor
    shift 2
    none=$(median "$tmp/$load.none")
    floor=$(median "$tmp/$load.floor")
    printf '\n%-24s %12s %12s %10s\n' "per $unit" 'ns' 'added ns' 'x floor'
    for name in "$@"; do
        median "$tmp/$load.$name" | awk -v name="$name" -v none="$none" -v floor="$floor" '{
            if (name == "none") printf "%-24s %12.0f\n", name, $1
            else printf "%-24s %12.0f %12.0f %10.1f\n", name, $1, $1 - none, ($1 - none) / (floor - none)}'
    done
}
echo "$rounds rounds, every design in alternation, medians; floor: empty probes on the same tracepoints"
table switch 'context switch' "${sched_names[@]}"
table syscall 'system call' "${call_names[@]}"
printf '\n%-24s %12s\n' 'around true' ms
for name in "${start_names[@]}"; do
    printf '%-24s %12.1f\n' "$name" "$(median "$tmp/start.$name")"
done

# recordings: how long they are, and how fast they are read; of what hackbench does, and of the load above
echo
for words in "build/tests/messaging 4 1000" "$bin/load switch 1000000"; do
    # shellcheck disable=SC2086 # the words are meant to be split
    ./conctrace -q --json "$tmp/report.json" --record "$tmp/run.rec" -- $words >/dev/null
    read -r n woken < <(jq -r '.summary | "\(.switches.voluntary + .switches.involuntary) \(.wakeups)"' "$tmp/report.json")
    bytes=$(stat -c %s "$tmp/run.rec")
    best=$(for _ in 1 2 3; do
        TIMEFORMAT='%U %S'
        { time ./conctrace report -q "$tmp/run.rec"; } 2>&1 | awk '{print $1 + $2}'
    done | sort -g | head -n 1)
    awk -v what="$words" -v n="$n" -v woken="$woken" -v bytes="$bytes" -v s="$best" 'BEGIN {
        printf "recording of %s: %d bytes, %d switches, %d wakeups: %.2f bytes a switch, %.2f an event\n",
               what, bytes, n, woken, bytes / n, bytes / (n + woken)
        printf "  conctrace report: %.2f s of CPU time, %.2f million switches (%.2f million events) a second\n",
               s, n / s / 1e6, (n + woken) / s / 1e6}'
done

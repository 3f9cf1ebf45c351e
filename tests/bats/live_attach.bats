#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Attaching to what runs already: every thread from the first moment, in the state it is in; and the
# processes left as they were.

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
    cd "$BATS_TEST_DIRNAME/../.." || return
}

teardown() {
    [ -z "${target:-}" ] || kill -KILL "$target" 2>/dev/null || true
}

wait_for() { # wait_for COMMAND...: until it holds
    local end=$((SECONDS + 20))
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.05
    done
}

runs() { [ "$(tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null)" = "${*:2} " ]; }

# start COMMAND...: in the background; $target is its process number, once it is up
start() {
    "$@" 3>&- &
    target=$!
    wait_for runs "$target" "$@"
    sleep 0.5
}

# traces PID: that conctrace has attached its probes, and looked at what runs
traces() {
    wait_for sh -c 'ls -l "/proc/$1/fd" | grep -q "bpf.link"' - "$1"
    sleep 1
}

@test "a thread that waits since before is blocked from the first moment" {
    start build/tests/asleep 3 20
    run -0 "$conctrace" -q -d 0.5 --json "$json" -p "$target"
    is_valid
    # three sleepers, and the one that joins them
    run -0 jq -r '.threads | length' "$json"
    assert_output 4
    run -0 jq -e '.wall_ns >= 500000000 and .wall_ns < 5000000000' "$json"
    run -0 jq -e '[.threads[] | .blocked.sleep >= 0.95 * .lifetime_ns] | map(select(.)) | length == 3' "$json"
    run -0 jq -e '[.threads[] | .blocked.lock >= 0.95 * .lifetime_ns] | map(select(.)) | length == 1' "$json"
    run -0 jq -e 'all(.threads[]; .alive)' "$json"
    kill -0 "$target"
}

@test "threads that run are told running, and their counts are the kernel's" {
    start build/tests/burn 2
    before=$(cut -d' ' -f14,15 "/proc/$target/stat")
    run -0 "$conctrace" -q -d 1 --json "$json" -p "$target"
    after=$(cut -d' ' -f14,15 "/proc/$target/stat")
    is_valid
    ticks=$(echo "$before $after" | awk '{ print $3 + $4 - $1 - $2 }')
    # the kernel's ticks (10 ms) cover conctrace's start too: they are the upper bound
    run -0 jq -e --argjson most "$((ticks * 10000000 + 20000000))" \
        '.summary.running_ns <= $most and .summary.running_ns > 0.3 * .wall_ns' "$json"
    run -0 jq -e '.summary.unknown_ns <= 0.1 * .summary.lifetime_ns' "$json"
}

@test "what the process starts is followed, and the run ends with it" {
    mkfifo "$dir/go"
    # shellcheck disable=SC2016 # for the inner shell
    start sh -c 'read -r _ <"$1"; sh -c "exit 7"; exit 3' - "$dir/go"
    "$conctrace" -q --json "$json" -p "$target" 3>&- &
    tracer=$!
    traces "$tracer"
    echo >"$dir/go"
    wait "$tracer"
    target=
    is_valid
    run -0 jq -r '[.processes[] | .exit.code] | sort | map(tostring) | join(" ")' "$json"
    assert_output '3 7'
    run -0 jq -e '.accuracy | .voluntary_difference == 0 and .involuntary_difference == 0' "$json"
}

@test "Ctrl-C ends it with a report and leaves the process untouched" {
    start sleep 30
    "$conctrace" -o "$dir/text" --json "$json" -p "$target" 3>&- &
    tracer=$!
    traces "$tracer"
    kill -INT "$tracer"
    status=0
    wait "$tracer" || status=$?
    assert_equal "$status" 0
    [ -s "$dir/text" ]
    is_valid
    kill -0 "$target"
    run -0 cat "/proc/$target/comm"
    assert_output sleep
    # no signal, no tracer, not stopped
    run -0 grep -E '^(State|TracerPid|SigPnd|ShdPnd):' "/proc/$target/status"
    assert_line --regexp '^State:.S'
    assert_line --regexp '^TracerPid:.0$'
    refute_line --regexp 'Pnd:.*[1-9a-f]'
}

@test "two processes at once; a thread's number is refused with its process's" {
    start build/tests/asleep 2 20
    first=$target
    start sleep 20
    run -0 "$conctrace" -q -d 0.3 --json "$json" -p "$first,$target,$first"
    is_valid
    run -0 jq -r '[.processes[] | .comm] | sort | join(" ")' "$json"
    assert_output 'asleep sleep'
    run -0 jq -r '.processes[] | select(.comm == "asleep") | .argv | join(" ")' "$json"
    assert_output 'build/tests/asleep 2 20'
    for thread in "/proc/$first/task/"*; do
        thread=${thread##*/}
        [ "$thread" = "$first" ] && continue
        run -125 "$conctrace" -p "$thread"
        assert_output --partial "thread of process $first"
    done
    kill -KILL "$first"
}

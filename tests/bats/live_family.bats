# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154 # jq has its own variables; ours are set in live.bash
# Whom a report names: every thread and process of the command, however it came to be and however it
# ended, and nobody else. The programs print their own lists.

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
    background=
}

teardown() {
    [ -z "${background:-}" ] || kill -KILL "$background" 2>/dev/null || true
}

wait_for() { # wait_for SECONDS COMMAND...: until it holds
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.05
    done
}

# ---- births and deaths ----

@test "family: every kind of child: numbers, parents, names, arguments, exits" {
    for _ in 1 2 3; do # it is full of races, all of them legitimate
        trace "$programs/family"
        has_same_kin
        holds --clean --kernel
        says '.exit == {"code": 0, "signal": null}'
    done
    trace --no-syscalls "$programs/family"
    has_same_kin
}

@test "family: the first thread ends, another goes on, and its exit is the process's" {
    trace "$programs/family" first-leaves
    has_same_kin
}

@test "family: the command itself dies of a crash in its second thread" {
    trace "$programs/family" crash
    assert_equal "$ended" $((128 + 11))
    holds --clean --kernel
    says '.exit == {"code": null, "signal": 11} and .summary.threads == 2'
    says '.processes | length == 1 and .[0].exit == {"code": null, "signal": 11}'
}

@test "family: the command is killed while its children live on, for a while" {
    trace sh -c 'sleep 0.3 & kill -KILL $$'
    assert_equal "$ended" $((128 + 9))
    says '.exit.signal == 9 and .summary.processes == 2'
    says '.processes[0].exit == {"code": null, "signal": 9} and .processes[1].exit == {"code": null, "signal": null}'
}

@test "family: two thousand short processes, each with its parent and its exit" {
    trace "$programs/brood" 2000
    assert_equal "$ended" 0
    has_same_kin
    holds --clean --kernel
    says '.summary.processes == 2001 and .summary.threads == 2001'
}

@test "family: a command that execs itself three hundred times stays one process and one thread" {
    trace "$programs/reexec" main 300
    assert_equal "$ended" 17
    says '.summary.processes == 1 and .summary.threads == 1'
    says '.processes[0] | .argv[1:] == ["main", "0"] and .comm == "reexec" and .exit.code == 17'
    says '.threads[0].start_ns == 0 and .threads[0].end_ns == .wall_ns'
    holds --clean --kernel
}

@test "family: a hundred execs from a second thread: one process, each thread once" {
    trace "$programs/reexec" thread 100
    assert_equal "$ended" 17
    says '.summary.processes == 1 and .summary.threads == 101'
    says '.processes[0] | .argv[1:] == ["thread", "0"] and .threads == 101 and .exit.code == 17'
    says '.processes[0] | .start_ns == 0'
    says '.processes[0].end_ns == .wall_ns'
    holds --clean --kernel
}

# ---- crowds ----

# at_most_200_mib KIB
at_most_200_mib() {
    echo "conctrace had $1 KiB"
    [ "$1" -gt 1000 ] && [ "$1" -lt $((200 * 1024)) ]
}

@test "family: ten thousand threads at once, in less than 200 MiB" {
    run -0 /usr/bin/python3 "$checks/peak_memory.py" "$json" "$conctrace" -o "$text" "$programs/crowd" at-once 10000
    at_most_200_mib "$output"
    is_valid
    holds --clean --kernel
    says '.summary.threads == 10001 and .summary.peak_threads == 10001 and .summary.processes == 1'
    says '[.threads[].tid] | unique | length == 10001'
    [ "$(wc -l <"$text")" -lt 60 ] # still one screen
}

@test "family: a hundred thousand threads over a run, in less than 200 MiB" {
    run -0 /usr/bin/python3 "$checks/peak_memory.py" "$json" "$conctrace" -o "$text" "$programs/crowd" over-time 100000
    at_most_200_mib "$output"
    is_valid
    holds --clean --kernel
    says '.summary.threads == 100001 and .summary.peak_threads <= 101 and .summary.processes == 1'
    [ "$(wc -l <"$text")" -lt 60 ]
}

# ---- those that outlive the command ----

@test "family: a daemon that outlives the command is told alive, with its account up to the end" {
    trace "$programs/survivor" "$dir"
    background=$(cat "$dir/pid")
    assert_equal "$ended" 0
    [ -d "/proc/$background" ]
    says '[.threads[] | select(.alive)] | length == 2 and all(.pid == $pid and .kernel == null) and (map(.comm) | sort) == ["second", "survivor"]' \
        --argjson pid "$background"
    says '.wall_ns as $wall | all(.threads[] | select(.alive); .end_ns == $wall)'
    says '[.processes[] | select(.pid == $pid)] | length == 1 and .[0].exit == {"code": null, "signal": null} and .[0].comm == "survivor"' \
        --argjson pid "$background"
    says '.summary.processes == 3 and .summary.threads == 4 and .exit.code == 0'
    holds --clean --kernel
    run -0 grep -F '2 threads outlived the run' "$text"
}

@test "family: a daemon that outlives the command goes on undisturbed, and can be traced once more" {
    trace "$programs/survivor" "$dir"
    background=$(cat "$dir/pid")
    trace true # its storage is of a run that is over: nothing of it shows here
    says '.summary.threads == 1'
    kill -0 "$background"
    run -0 grep -E '^(SigPnd|ShdPnd):' "/proc/$background/status"
    refute_output --regexp '[1-9a-f]$'
    touch "$dir/stop"
    wait_for 20 test -e "$dir/end"
    wait_for 20 test ! -e "/proc/$background"
    assert_equal "$(cat "$dir/end")" 0
}

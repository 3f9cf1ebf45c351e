#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # set by live.bash
# The critical path on programs whose path is known, what a run was spent on, event loops, and how
# waits for locks end. That the path tiles the run to the nanosecond is a law of every report
# (tests/check/validate_report.py). Programs compute by their own CPU clocks: a busy machine changes
# how long it takes, not whose it is.

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
    cd "$BATS_TEST_DIRNAME/../.." || return
}

# The links in the order of their first steps (those that forked reap one another in the end), each with nearly
# all it has computed; the bystander has no part in it.
@test "path: A wakes B, B wakes C: that chain is named, whatever wakes it" {
    for way in pipe lock fork; do
        trace build/tests/chain "$way" 60
        mapfile -t links < <(sed -n 's/^link //p' "$out")
        bystander=$(sed -n 's/^bystander //p' "$out")
        assert_equal "${#links[@]}" 3
        echo "$way: ${links[*]}, $bystander"
        says '($links | split(" ") | map(tonumber)) as $l
            | [.critical_path[] | select(.state == "running" and (.tid | IN($l[])))] as $steps
            | [$steps | group_by(.tid)[] | {tid: .[0].tid, ns: map(.end_ns - .start_ns) | add}] as $sums
            | ($sums | length) == 3 and all($sums[]; .ns >= 55e6)
              and (reduce $steps[].tid as $t ([]; if index([$t]) then . else . + [$t] end)) == $l' --arg links "${links[*]}"
        says '[.critical_path_summary.threads[] | select(.tid == $b) | .running_ns] | (add // 0) < 10e6' \
            --argjson b "$bystander"
    done
}

@test "path: without system calls nobody asks who wakes whom, and it is null" {
    trace --no-syscalls build/tests/chain pipe 5
    says '.critical_path == null and .critical_path_summary == null and .bound == null'
}

@test "path: attached, it ends with whoever was the last on a CPU, and tiles what was seen" {
    build/tests/chain pipe 3000 3>&- >"$out" &
    running=$!
    sleep 0.2
    ended=0
    "$conctrace" -q --json "$json" -d 0.5 -p "$running" || ended=$?
    kill -KILL "$running"
    assert_equal "$ended" 0
    is_valid
    says '.critical_path_summary.running_ns > 0'
}

# bound OPTION... BOUND: what the demo is bound by
bound() {
    trace "$workload" "${@:1:$#-1}"
    echo "$*: $(jq -c '[.bound, .wall_ns, (.critical_path_summary | del(.threads))]' "$json")"
    says '.bound == $b' --arg b "${*: -1}"
}

@test "bound: what the demo's elapsed time is spent on" {
    bound --task=cpu --tasks=3 --amount=50000 cpu
    bound --task=cpu --tasks=4 --amount=50000 --mode=threads --gil cpu
    bound --task=sleep --tasks=3 --speed=5 sleep
    bound --task=sleep --tasks=3 --speed=2 --mode=threads sleep
    bound --task=sleep --tasks=3 --speed=2 --mode=eventloop sleep
    bound --task=net --tasks=8 network
    ./workload serve --delay-ms=700 >"$dir/url" 3>&- &
    server=$!
    while [ ! -s "$dir/url" ]; do sleep 0.05; done
    for mode in threads processes eventloop; do
        bound --task=net --tasks=3 --mode=$mode --url "$(grep -oE 'http://[^ ]+' "$dir/url")" network
    done
    kill "$server"
}

# An absence may take longer than it should on a busy machine, never shorter.
@test "loop: how long it was away, how often, at what" {
    for how in epoll poll; do
        trace build/tests/loops "$how" 30
        says '.threads[0].loop | .returns == 29 and .long_count >= 2 and .long_running_ns >= 118e6
            and .long_blocked_ns >= 150e6 and .long_ns >= 268e6 and .away_ns >= .long_ns
            and .worst.ns >= 150e6'
        says '.threads[0].loop.worst | if .blocked_ns > .running_ns
            then .call == "clock_nanosleep" and .call_ns >= 150e6 and .call_ns <= .ns and .blocked_ns >= 150e6
            else .running_ns >= 118e6 end'
    done
}

@test "loop: with --stacks, where it was blocked" {
    trace --stacks build/tests/loops epoll 30
    says '.findings[] | select(.id == "event-loop-blocked") | .evidence
        | if .worst_in == "clock_nanosleep" then .where | test("forget_the_loop") else .worst_in == "computing" end'
}

@test "loop: who waits for one descriptor alone has none" {
    trace /usr/bin/python3 -c 'import select, os; r, w = os.pipe()
for _ in range(5): p = select.poll(); p.register(r); p.poll(5)'
    says '[.threads[].loop // empty] == []'
}

@test "locks: waits that time out, and those that are handed on" {
    trace build/tests/timed 25 200
    says '[.locks[] | select(.timed_out > 0)] | length >= 1 and (map(.timed_out) | add) == 25'
    says '([.locks[].handed] | add) >= 150'
    # a join is ended by who has never waited for it
    says 'all(.locks[] | select(.waits <= 2 and .timed_out == 0); .handed == 0)'
}

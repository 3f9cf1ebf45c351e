#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154 # jq has its own variables; ours are set by live.bash
# System calls, locks, wakers and preemptors, against strace and against what programs know themselves.

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
    cd "$BATS_TEST_DIRNAME/../.." || return
}

# "NAME CALLS ERRORS" by name, of calls that returned
ours() {
    jq -r '.syscalls[] | select(.calls > 0) | "\(.name) \(.calls) \(.errors)"' "$json" | sort
}

straces() {
    strace -f -c -o "$dir/strace" "$@" >"$dir/out" 2>"$dir/err" || true # whatever its status
    awk '/^-/ { on = !on; next } on { print $NF, $4, NF == 6 ? $5 : 0 }' "$dir/strace" | sort
}

@test "system calls: calls and errors are strace's, on single-threaded programs" {
    mkdir "$dir/tree"
    touch "$dir/tree/"{1..40}
    same() {
        trace -u root "$@"
        diff <(straces "$@") <(ours)
    }
    same ls -la "$dir/tree"
    same find "$dir/tree" -name '1*'
    same dd if=/dev/zero of=/dev/null bs=512 count=5000
    same cat /nonexistent /etc/passwd
    same sed -n '/x/p' /etc/passwd /etc/group
}

@test "system calls: a tree of processes, where strace follows too" {
    trace -u root sh -c 'ls /nonexistent; ls /etc >/dev/null; true'
    diff <(straces sh -c 'ls /nonexistent; ls /etc >/dev/null; true' | grep -vE '^(brk|mmap|rt_sigreturn|wait4) ') \
        <(ours | grep -vE '^(brk|mmap|rt_sigreturn|wait4) ')
}

@test "system calls: their time is what the thread waited and worked in them" {
    trace sleep 0.3
    run -0 jq -e '.syscalls[] | select(.name == "clock_nanosleep")
        | .calls == 1 and .total_ns >= 300000000 and .blocked_ns + .runnable_ns >= 0.97 * .total_ns
          and .blocked_ns >= 290000000 and .blocked_ns + .runnable_ns <= .total_ns and .max_ns == .total_ns' "$json"
    # what is blocked in system calls is all that is blocked, less page faults
    run -0 jq -e '([.syscalls[].blocked_ns] | add) as $in_calls
        | (.summary.blocked_ns - .summary.blocked.fault - $in_calls) | fabs <= 1000' "$json"
    trace --no-syscalls sleep 0.1
    run -0 jq -e '.syscalls == null' "$json"
    # a call that a stop interrupts was in it no longer than it took
    trace build/tests/waits restart-nanosleep 200
    run -0 jq -e '.summary.blocked.stopped > 30e6 and all(.syscalls[]; .blocked_ns + .runnable_ns <= .total_ns)' "$json"
    trace build/tests/family
    run -0 jq -e 'all(.syscalls[]; .blocked_ns + .runnable_ns <= .total_ns)' "$json"
}

@test "locks: one mutex, its address, its waiters and the time they measured themselves" {
    for mode in '' --no-syscalls; do
        # shellcheck disable=SC2086 # nothing or one word
        trace $mode build/tests/contend 4 100
        read -r address waited <"$dir/out"
        # what they measured holds their way back to a CPU, too, which may be long on a busy machine
        run -0 jq -e --arg a "$address" --argjson w "$waited" '.summary.runnable_ns as $back
            | [.locks[] | select(.address == $a)] | .[0]
            | .waiters == 4 and .waits >= 100 and .wait_ns <= $w and .wait_ns + $back >= 0.85 * $w
              and .max_ns <= .wait_ns and (.shared | not)' "$json"
        # who woke them is followed together with system calls
        run -0 jq -e --argjson known "$([ -z "$mode" ] && echo true || echo false)" \
            '(.wakers != null) == $known and ((.locks[0].last_waker_tid != null) == $known)' "$json"
        run -0 jq -e '([.locks[].wait_ns] | add) == .summary.blocked.lock' "$json"
    done
}

@test "locks: one in shared memory is one, wherever each process has it mapped; a join is no shared one" {
    trace build/tests/share 100
    read -r one other <"$dir/out"
    [ "$one" != "$other" ]
    run -0 jq -e --arg one "$one" --arg other "$other" '[.locks[] | select(.shared)] | length == 1
        and (.[0] | .waiters == 2 and .waits >= 50 and (.address == $one or .address == $other))' "$json"
    trace build/tests/asleep 1 1
    run -0 jq -e '[.locks[]] | length == 1 and (.[0].shared | not)' "$json"
}

@test "locks: more of them than a thread's table has room for: the rest is summed up, nothing is lost" {
    trace build/tests/crowd at-once 200
    run -0 jq -e '([.locks[].wait_ns] | add) == .summary.blocked.lock and ([.locks[].waits] | add) >= 200' "$json"
}

@test "wakers: a process wakes its partner, a timer is an interrupt" {
    trace build/tests/hop 2000
    run -0 jq -e '[.threads[].tid] as [$a, $b]
        | ([.wakers[] | select(.tid == $b and .waker_tid == $a and .context == "task" and .traced) | .count] | add) as $to
        | ([.wakers[] | select(.tid == $a and .waker_tid == $b and .context == "task" and .traced) | .count] | add) as $fro
        | $to >= 300 and $fro >= 300' "$json"
    trace sleep 0.1
    run -0 jq -e '[.wakers[] | select(.context == "irq" and .waker_tid == null) | .count] | add >= 1' "$json"
    # each wakeup that led to a CPU has its waker
    run -0 jq -e '([.wakers[].count] | add) == ([.threads[].sched_latency_ns.count] | add)' "$json"
}

@test "preemptors: threads that share a CPU take it from one another; what they waited is preempted time" {
    trace taskset -c 0 timeout 1 build/tests/burn 3
    run -0 jq -e '([.threads[] | select(.comm == "burn") | .tid]) as $burn
        | [.preemptors[] | select(.traced and ([.tid] | inside($burn)))] | length >= 1' "$json"
    # all but what was still waiting when it was killed
    run -0 jq -e '([.preemptors[].ns] | add) as $told | .summary.runnable.preempted as $all
        | $told <= $all and $told >= 0.9 * $all' "$json"
}

@test "preemptors: a foreign thread is told by name and number" {
    taskset -c 0 build/tests/burn 1 3>&- &
    foreign=$!
    for seconds in 1 5 15; do # where many others want that CPU, they too take it
        trace taskset -c 0 timeout "$seconds" build/tests/burn 1
        if says 'any(.preemptors[]; .tid == $f)' --argjson f "$foreign"; then break; fi
    done
    kill "$foreign"
    run -0 jq -e --argjson f "$foreign" '[.preemptors[] | select(.tid == $f)] | .[0]
        | .traced == false and .comm == "burn" and .count >= 1 and .ns > 0' "$json"
}

# A control group that may use 0.3 of a CPU; $group is its directory. In either version of control groups.
quota_group() {
    local v1 v2
    v1=$(awk '$9 == "cgroup" && $NF ~ /(^|,)cpu(,|$)/ { print $5 }' /proc/self/mountinfo | head -n 1)
    v2=$(awk '$9 == "cgroup2" { print $5 }' /proc/self/mountinfo | head -n 1)
    if [ -n "$v1" ] && mkdir "$v1/conctrace-test.$$" 2>/dev/null; then
        group=$v1/conctrace-test.$$
        echo 100000 >"$group/cpu.cfs_period_us" && echo 30000 >"$group/cpu.cfs_quota_us"
    elif [ -n "$v2" ] && grep -qw cpu "$v2/cgroup.subtree_control" && mkdir "$v2/conctrace-test.$$"; then
        group=$v2/conctrace-test.$$
        echo '30000 100000' >"$group/cpu.max"
    else
        return 1
    fi
}

@test "taken: a group that has used up its quota stands still, and its thread waits" {
    quota_group || skip 'no control group with the CPU controller can be made here'
    # shellcheck disable=SC2016 # for the inner shell
    "$conctrace" -q --json "$json" sh -c 'echo $$ >"$1/cgroup.procs"; exec timeout 1 build/tests/burn 1' - "$group" || true
    sleep 0.2
    rmdir "$group"
    # the command has moved there after it was looked at: what is told is not its group, and says so by its waits
    run -0 jq -e '[.threads[] | select(.comm == "burn")] | .[0] | .runnable.preempted >= 0.4 * .lifetime_ns' "$json"
    # who got the CPU then: whoever else was ready; where nobody was, the idle tasks, which are one
    run -0 jq -e '[.preemptors[] | select(.tid == 0)] | length <= 1 and all(.comm == "idle")' "$json"
    run -0 jq -e '[.preemptors[].ns] | add > 0' "$json"
    quota_group
    # shellcheck disable=SC2016
    sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' - "$group" \
        "$conctrace" -q --json "$json" timeout 1 build/tests/burn 1 || true
    sleep 0.2
    rmdir "$group"
    run -0 jq -e '([.threads[] | select(.comm == "burn") | .runnable.preempted] | add) as $waited
        | .taken.throttled_ns >= 0.3 * $waited and .taken.throttled_ns <= 1.5 * .wall_ns' "$json"
}

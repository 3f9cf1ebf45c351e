# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2034,SC2154 # jq has its own variables; ours are shared with live.bash
# The accounts, held against what the kernel and the program itself say of the same run.
# tests/check/hold_account.py says how far they may differ, in which direction, and why.

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
    options=()
}

# works MODE OPTION...: the demo with each task, all of it held against its own truth. The server is one
# of the test's own, so that its CPU time is in nobody's account.
works() {
    local task address
    exec {server}< <(exec "$workload" serve --delay-ms=20 3>&-)
    server_pid=$!
    read -r address <&"$server"
    for task in net mixed cpu sleep; do
        WORKLOAD_URL=$address reaped "$workload" --mode="$1" --task=$task --tasks=5 --amount=150000 --speed=20 \
            --truth "$truth" "${@:2}"
        assert_equal "$ended" 0
        holds --clean --kernel --usage "$usage" --truth "$truth"
        [ "$task" = net ] && says '.summary.blocked | .socket + .event_wait >= 15e6'
        [ "$task" = cpu ] && cp "$json" "$dir/cpu.json"
    done
    kill "$server_pid"
    exec {server}<&-
}

# together JQ: the condition on `time_at_ns` of the cpu tasks: how many ran at once, and for how long
together() {
    jq -e "(.summary.parallelism.time_at_ns + [0, 0, 0, 0]) as \$at | $1" "$dir/cpu.json" >/dev/null || {
        jq -c .summary.parallelism "$dir/cpu.json"
        return 1
    }
}

# ---- the demo against its own truth ----

@test "account: serial: CPU time, switches, wall, threads" {
    works serial
    # one thread slept five times 50 ms, one after the other
    says '[.processes[] | select(.argv | index("--mode=serial")).blocked_ns] | add >= 200e6'
    says '.summary.blocked.sleep >= 200e6'
    together '$at[2] + $at[3] <= 0.1 * ($at[1] + $at[2])' # beside the reaper alone
}

@test "account: threads: CPU time, switches, wall, threads" {
    works threads
    says '[.threads[] | select(.comm | startswith("worker-")).blocked.sleep] | length == 5 and all(. >= 49.9e6)'
    says '.summary.peak_threads >= 7' # the workers, their first thread and the reaper
}

@test "account: threads that take turns under one interpreter lock" {
    works threads --gil --switch-interval=0.5ms
    together '$at[2] + $at[3] <= 0.2 * ($at[1] + $at[2])' # but for the hand-overs
}

@test "account: processes: CPU time, switches, wall, processes" {
    works processes
    says '.summary.processes == 7 and ([.processes[] | select(.blocked.sleep >= 49.9e6)] | length) == 5'
}

@test "account: pool: CPU time, switches, wall, processes" {
    works pool --workers=3
    says '.summary.processes == 5'
}

@test "account: eventloop: CPU time, switches, wall, threads" {
    works eventloop
    says '.summary.threads == 2 and .summary.blocked_ns >= 49.9e6'
    together '$at[2] + $at[3] <= 0.1 * ($at[1] + $at[2])'
}

@test "account: the server that the demo starts for itself stands outside" {
    trace "$workload" --mode=threads --task=net --tasks=3 --truth "$truth"
    assert_equal "$ended" 0
    server=$(jq -e .server.pid "$truth")
    says 'all(.processes[]; .pid != ($s | tonumber) and .comm != "workload-serve")' --arg s "$server"
    says '.summary.processes == 1'
}

# ---- pipes between idle CPUs: where a clock read in a tracepoint falls short ----

@test "account: hop: CPU time within 1 % of getrusage, switches within one per process" {
    reaped "$programs/hop" 20000
    holds --clean --kernel --usage "$usage"
    # What it printed itself comes before its first process's death (one switch) and before that of
    # the child, unless the child was reaped first.
    read -r us own forced <"$out"
    says '[.processes[] | select(.comm == "hop")] | length == 2
        and (map(.running_ns) | add) >= $us * 990 - 2e6 and (map(.running_ns) | add) <= $us * 1010 + 2e6
        and ((map(.switches.voluntary) | add) - $own | . >= 0 and . <= 2)
        and ((map(.switches.involuntary) | add) - $forced | . >= 0 and . <= 2)' \
        --argjson us "$us" --argjson own "$own" --argjson forced "$forced"
    says '.summary.switches.voluntary >= 20000' # they did have to wait for one another
}

@test "account: the command itself, that no one but conctrace waits for" {
    trace "$programs/split" user 200
    holds --clean --kernel
    # it goes on until the kernel has charged it 200 ms; the time before its release is not ours
    says '.summary.threads == 1 and .summary.running_ns >= 180e6 and .summary.running_ns <= .wall_ns'
    says '.threads[0].start_ns == 0 and .threads[0].end_ns == .wall_ns'
}

# ---- floods ----

@test "account: 160 processes that send one another messages: nothing lost, nothing unknown" {
    trace "$programs/messaging" 4 1000
    holds --clean --kernel
    says '.summary.processes == 161 and .summary.threads == 161'
    says '.summary.switches.voluntary > 1000'
}

@test "account: hackbench, perf's messaging and pipe: nothing lost, nothing unknown" {
    ran=0
    while read -r tool rest; do
        read -r -a words <<<"$rest"
        if ! "$tool" "${words[@]}" >/dev/null 2>&1; then continue; fi # absent, or without its bench
        trace "$tool" "${words[@]}"
        assert_equal "$ended" 0
        holds --clean --kernel
        ran=$((ran + 1))
    done <<'END'
hackbench -g 4 -l 1000
perf bench sched messaging -g 4 -l 1000
perf bench sched pipe -l 100000
END
    # where neither is installed, our own programs have done the same above: hop and messaging
    echo "ran $ran"
}

# ---- user and kernel ----

# shares: user and kernel in thousandths, ours and then wait4's
shares() {
    jq -n -c --slurpfile r "$json" --slurpfile u "$usage" \
        '[($r[0].processes[] | select(.comm == "split") | .user_ns, .kernel_ns), ($u[0] | .user_ns, .system_ns)]
        | [.[0] / (.[0] + .[1]), .[1] / (.[0] + .[1]), .[2] / (.[2] + .[3]), .[3] / (.[2] + .[3])] | map(. * 1000 | round)'
}

# The kernel's own split is a sample: each timer tick is charged to whichever it hits, unless the
# kernel was built with CONFIG_VIRT_CPU_ACCOUNTING_GEN. And faults and interrupts are none of our
# kernel time, which is that of system calls. So: the same picture, within a fifth of the whole.
@test "account: user and kernel time of a program that only computes, and of one that only calls" {
    for kind in user kernel; do
        reaped "$programs/split" $kind 300
        holds --clean --kernel --usage "$usage"
        says 'all(.threads[], .processes[], .summary; .user_ns + .kernel_ns == .running_ns)'
        run -0 shares
        echo "$kind: $output"
        IFS='[],' read -r _ user kernel their_user their_kernel _ <<<"$output"
        if [ $kind = user ]; then [ "$user" -ge 900 ]; else [ "$kernel" -ge 850 ]; fi
        [ $((user - their_user)) -le 200 ] && [ $((their_user - user)) -le 200 ]
        [ $((kernel - their_kernel)) -le 200 ] && [ $((their_kernel - kernel)) -le 200 ]
    done
}

@test "account: what a thread sleeps in a system call is no kernel time" {
    reaped "$programs/split" naps 100
    holds --clean --kernel --usage "$usage"
    run -0 shares
    IFS='[],' read -r _ user kernel _ <<<"$output"
    [ "$user" -ge 700 ] # it slept longer than it ran, always in a call
    says '[.processes[] | select(.comm == "split")][0] | .blocked.sleep > .running_ns / 4'
}

@test "account: who yields goes involuntarily, as getrusage has it, and is runnable by its own choice" {
    reaped "$programs/split" yields 50
    holds --clean --kernel --usage "$usage"
    says '.summary.switches.involuntary > 100 and .summary.runnable.yielded > 1e6'
}

@test "account: --no-syscalls: no split, and all else holds" {
    options=(--no-syscalls)
    works threads
    says 'all(.threads[], .processes[], .summary; .user_ns == null and .kernel_ns == null)'
    reaped "$programs/hop" 10000
    holds --clean --kernel --usage "$usage"
    trace --no-syscalls "$programs/messaging" 2 200
    holds --clean --kernel
    run -1 grep -F '(user)' "$text"
    run -1 grep -F '(kernel)' "$text"
}

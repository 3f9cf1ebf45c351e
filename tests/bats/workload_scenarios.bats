# SPDX-License-Identifier: GPL-2.0-only
# The lesson's small programs: their lines, in their order, and their times.

bats_require_minimum_version 1.5.0

setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    workload=${WORKLOAD:-./workload}
    truth=$BATS_TEST_TMPDIR/truth.json
}

# steps TEXT: the output without its times is TEXT
steps() {
    assert_equal "$(sed -E 's/ at [0-9:]{8}//; s/ after [0-9.]+ s//; s/(waits|blocks) [0-9.]+ s/\1/' <<<"$output")" "$1"
}

# lasts MS OPTION...: the last line tells that long, within 2 % + 20 ms; and what else runs on the machine
# does not hold up five runs in turn. None is ever shorter.
lasts() {
    local ms _
    for _ in 1 2 3 4 5; do
        run -0 "$workload" "${@:2}"
        took
        [ "$ms" -ge "$1" ] || break
        [ "$ms" -gt $(($1 * 102 / 100 + 20)) ] || return 0
    done
    echo "lasted $ms ms instead of $1"
    return 1
}

took() {
    ms=$(sed -nE 's/^finished at [0-9:]{8} after ([0-9]+)\.([0-9]{2}) s$/\1\20/p' <<<"$output")
    ms=$((10#$ms))
}

@test "workload: waiters-tasks: all start at once, 3 s" {
    lasts 300 --scenario=waiters-tasks --speed=10
    steps 'started
waiter 1: waits
waiter 2: waits
waiter 3: waits
waiter 1: finished
waiter 2: finished
waiter 3: finished
finished'
}

@test "workload: waiters-sequential: one after another, 6 s" {
    lasts 600 --scenario=waiters-sequential --speed=10
    steps 'started
waiter 1: waits
waiter 1: finished
waiter 2: waits
waiter 2: finished
waiter 3: waits
waiter 3: finished
finished'
}

@test "workload: waiters-staggered: half a second apart, 4 s" {
    # two things are due in one instant, in the lesson too: a machine that stalls just there swaps them
    for _ in 1 2 3 4 5; do
        lasts 400 --scenario=waiters-staggered --speed=10
        [[ $output != *'waiter 1: finished'*'waiter 3: waits'* ]] || break
    done
    steps 'started
waiter 1: waits
waiter 2: waits
waiter 1: finished
waiter 3: waits
waiter 2: finished
waiter 3: finished
finished'
}

@test "workload: waiters-blocking: the loop stands still for 5 s, 7 s in all" {
    lasts 700 --scenario=waiters-blocking --speed=10
    steps 'started
waiter 1: waits
waiter 2: waits
waiter 3: waits
waiter 1: finished
waiter 2: blocks
waiter 2: finished
waiter 3: finished
finished'
}

@test "workload: waiters-gather: results in the order of the call, 4 s" {
    lasts 400 --scenario=waiters-gather --speed=10
    steps 'started
waiter 1: waits
waiter 1: finished
waiter 2: waits
waiter 3: waits
waiter 2: finished
waiter 3: finished
gathered: 2 and 3
finished'
}

@test "workload: without --speed a delay is the lesson's" {
    lasts 3000 --scenario=waiters-tasks
    assert_line 'waiter 3: waits 3 s'
}

@test "workload: the waiters run in one thread" {
    run -0 "$workload" --scenario=waiters-tasks --speed=50 --truth "$truth"
    run -0 jq -c '[.mode, .task, (.threads | length), (.processes | length)]' "$truth"
    assert_output '["scenario","waiters-tasks",1,1]'
}

@test "workload: generator: 2 3 4 6, then its end" {
    run -0 "$workload" --scenario=generator
    assert_output '2
3
4
6
the generator has ended'
}

@test "workload: hello-thread: another thread of the same process" {
    run -0 "$workload" --scenario=hello-thread
    assert_equal "${#lines[@]}" 3
    local first='^hello from the main thread \(thread ([0-9]+) of process ([0-9]+)\)$'
    local second='^hello from thread hello-thread \(thread ([0-9]+) of process ([0-9]+)\)$'
    [[ ${lines[0]} =~ $first ]]
    local tid=${BASH_REMATCH[1]} pid=${BASH_REMATCH[2]}
    assert_equal "$tid" "$pid"
    [[ ${lines[1]} =~ $second ]]
    assert_equal "${BASH_REMATCH[2]}" "$pid"
    [ "${BASH_REMATCH[1]}" -ne "$tid" ]
    assert_equal "${lines[2]}" 'the thread has ended'
}

@test "workload: hello-process: another process, started by the first" {
    run -0 "$workload" --scenario=hello-process
    assert_equal "${#lines[@]}" 3
    local pid=${lines[0]##* }
    [[ ${lines[1]} =~ ^hello\ from\ the\ child\ process\ ([0-9]+),\ started\ by\ $pid$ ]]
    [ "${BASH_REMATCH[1]}" -ne "$pid" ]
    assert_equal "${lines[2]}" 'the child process has ended'
}

@test "workload: introspect: one thread, then four with their names" {
    run -0 "$workload" --scenario=introspect
    assert_equal "$(sed -E 's/[0-9]{2,}/N/' <<<"$output")" 'process N has 1 thread:
  N workload
process N has 4 threads:
  N workload
  N worker-0
  N worker-1
  N worker-2'
}

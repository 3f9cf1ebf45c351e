# SPDX-License-Identifier: GPL-2.0-only
# The lesson in Python, beside the demo: the same lines in the same order, the same shape of times.

bats_require_minimum_version 1.5.0

setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    workload=$(realpath "${WORKLOAD:-./workload}")
    unset WORKLOAD_URL WORKLOAD_CERT
    export PYTHONDONTWRITEBYTECODE=1
}

# without_numbers: process and thread numbers, times of day and durations
without_numbers() {
    sed -E 's/[0-9:]{8}//; s/after [0-9.]+ s/after/; s/[0-9]{2,}/N/g'
}

# seconds: the figure of the last line
seconds() { sed -nE '$ s/.* ([0-9.]+) s$/\1/p' <<<"$output"; }

@test "workload: the Python scenarios print the same lines as the demo's" {
    for name in waiters-tasks waiters-sequential waiters-staggered waiters-blocking waiters-gather; do
        local ours
        for _ in 1 2 3 4 5; do # where two things are due in one instant, a machine that stalls swaps them
            run -0 "$workload" --scenario=$name --speed=10
            ours=$(without_numbers <<<"$output")
            run -0 python3 "workloads/python/${name/-/_}.py" --speed=10
            [ "$(without_numbers <<<"$output")" != "$ours" ] || break
        done
        assert_equal "$(without_numbers <<<"$output")" "$ours"
    done
    for name in generator hello-thread hello-process; do
        local ours
        ours=$("$workload" --scenario=$name | without_numbers)
        run -0 python3 "workloads/python/${name/-/_}.py"
        assert_equal "$(without_numbers <<<"$output")" "$ours"
    done
    local ours
    ours=$("$workload" --scenario=introspect | without_numbers | sed 's/N workload/N MainThread/')
    run -0 python3 workloads/python/introspect.py
    assert_equal "$(without_numbers <<<"$output")" "$ours"
}

@test "workload: the Python programs run each task in each mode" {
    for mode in serial threads processes pool eventloop; do
        for task in cpu net sleep; do
            run -0 "$workload" serve --delay-ms=1 -- python3 "workloads/python/$mode.py" --task=$task --tasks=2 --amount=50 --speed=100
            assert_output --regexp "^2 $task tasks, mode $mode: [0-9.]+ s\$"
        done
    done
}

@test "workload: in Python too, a blocking client stops the event loop" {
    run -0 "$workload" serve --delay-ms=200 -- python3 workloads/python/eventloop.py --task=net --tasks=5
    [ "$(jq -n "$(seconds) < 1")" = true ] # less than their sum
    run -0 "$workload" serve --delay-ms=200 -- python3 workloads/python/eventloop.py --task=net --tasks=5 --blocking-client=1
    [ "$(jq -n "$(seconds) >= 1")" = true ]
}

@test "workload: the Python programs say so when there is no target" {
    run -1 python3 workloads/python/serial.py --task=net
    assert_output --partial 'WORKLOAD_URL is not set'
}

# SPDX-License-Identifier: GPL-2.0-only
# The demo under valgrind: no wrong access, nothing uninitialized that decides, no lost memory; also where
# coroutines have stacks of their own. What it does with sanitizers, other files tell (tests/run asan).

bats_require_minimum_version 1.5.0

setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    command -v valgrind >/dev/null || skip 'valgrind is not installed'
    workload=$(realpath "${WORKLOAD:-./workload}")
    unset WORKLOAD_URL WORKLOAD_CERT
    said=$BATS_TEST_TMPDIR/said
}

# quiet OPTION...: it ends well, and valgrind has nothing to say, not even a warning, of any process of it
quiet() {
    run -0 valgrind -q --trace-children=yes --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=99 \
        --log-file="$said.%p" "$workload" "$@"
    run cat "$said".*
    assert_output ''
    rm "$said".*
}

@test "workload: valgrind is quiet in every mode" {
    for mode in serial processes pool; do quiet --mode=$mode --task=cpu --tasks=2 --amount=50; done
    quiet --mode=threads --gil --task=mixed --tasks=4 --amount=50 --speed=100
    quiet --mode=eventloop --task=mixed --tasks=4 --amount=50 --speed=100
}

@test "workload: valgrind is quiet on three hundred coroutines, and on coroutines that fetch" {
    quiet --mode=eventloop --task=sleep --tasks=300 --speed=50
    quiet --mode=eventloop --task=net --tasks=3 --delay-ms=5
    quiet --mode=eventloop --blocking-client --task=net --tasks=2 --delay-ms=5
}

@test "workload: valgrind is quiet in the scenarios that have coroutines" {
    for name in waiters-gather waiters-blocking generator; do quiet --scenario=$name --speed=50; done
}

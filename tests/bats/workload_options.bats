# SPDX-License-Identifier: GPL-2.0-only
# The demo's command line. Needs no privilege.

bats_require_minimum_version 1.5.0

setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    workload=${WORKLOAD:-./workload}
    unset WORKLOAD_URL WORKLOAD_CERT
    dir=$BATS_TEST_TMPDIR
}

# one_line: exactly one line, and it is ours
one_line() {
    assert_equal "${#lines[@]}" 1
    assert_output --regexp '^workload: '
}

@test "workload: --help goes to standard output, names every option and exits 0" {
    run -0 --separate-stderr "$workload" --help
    for word in --mode --task --tasks --workers --amount --gil --switch-interval --scenario --speed --url \
        --timeout --truth --blocking-client --list serve; do
        assert_output --partial -- "$word"
    done
    assert_equal "$stderr" ''
    for line in "${lines[@]}"; do [ "${#line}" -le 110 ]; done
}

@test "workload serve --help shows the server's options and only those" {
    run -0 "$workload" serve --help
    for word in --port --delay-ms --tls --status --cert --until-eof; do assert_output --partial -- "$word"; done
    refute_output --partial -- --scenario
}

@test "workload: --version prints one line: the name and a version" {
    run -0 "$workload" --version
    assert_equal "${#lines[@]}" 1
    assert_output --regexp '^workload [0-9]+\.[0-9]+'
}

@test "workload: --list has a line for each mode, task and scenario" {
    run -0 "$workload" --list
    for name in serial threads processes pool eventloop cpu net sleep mixed waiters-tasks waiters-sequential \
        waiters-staggered waiters-blocking waiters-gather generator hello-thread hello-process introspect; do
        assert_line --regexp "^  $name +[a-z-]"
    done
}

@test "workload: all that --list names can be run" {
    run -0 "$workload" --list
    local kind='' names='' name
    names=$("$workload" --list | awk '/^modes/ {k="mode"} /^tasks/ {k="task"} /^scen/ {k="scenario"} /^  / {print k "=" $1}')
    for name in $names; do
        run -0 "$workload" "--$name" --amount=10 --speed=100 --tasks=2
    done
    kind=$(wc -w <<<"$names")
    assert_equal "$kind" 18
}

@test "workload: a wrong name is one line that offers the nearest, exit 2" {
    run -2 "$workload" --mode=thraeds
    one_line
    assert_output --partial "did you mean 'threads'?"
    run -2 "$workload" --mode=proc
    assert_output --partial "did you mean 'processes'?"
    run -2 "$workload" --task=slep
    one_line
    assert_output --partial "did you mean 'sleep'?"
    run -2 "$workload" --scenario=waiter-gather
    one_line
    assert_output --partial "did you mean 'waiters-gather'?"
    run -2 "$workload" --amonut=3
    one_line
    assert_output --partial 'did you mean --amount?'
    run -2 "$workload" --mode=
    one_line
    run -2 "$workload" "--mode=$(head -c 5000 /dev/zero | tr '\0' x)"
    one_line
}

@test "workload: aliases run the mode they stand for" {
    local pair
    for pair in forked:processes fork:processes event-loop:eventloop async:eventloop; do
        run -0 "$workload" --mode="${pair%:*}" --amount=10 --tasks=2
        assert_output --partial "mode ${pair#*:}"
    done
}

@test "workload: the default is ten cpu tasks in serial mode" {
    run -0 "$workload" --amount=10
    assert_output --regexp '^10 cpu tasks, mode serial: [0-9]+\.[0-9]{2} s$'
}

@test "workload: values out of bounds are one line, exit 2" {
    for words in --tasks=0 --tasks=x --tasks=-1 --tasks=1e3 --tasks=99999999999999999999 --workers=0 --amount=1.5 \
        --speed=0 --speed=-1 --speed=nan --speed=inf --speed=2x --switch-interval=5 --switch-interval=5h \
        --timeout=0 --delay-ms=x --status=99 --status=600; do
        [ "$words" = --switch-interval=5 ] && continue # a bare number is milliseconds
        run -2 "$workload" $words
        one_line
        assert_output --partial -- "${words%%=*}"
    done
    run -2 "$workload" serve --port=65536
    one_line
}

@test "workload: options without their value, with one they do not take, and stray words: exit 2" {
    run -2 "$workload" --mode
    one_line
    assert_output --partial 'needs a value'
    run -2 "$workload" --gil=yes
    one_line
    assert_output --partial 'takes no value'
    run -2 "$workload" threads
    one_line
    run -2 "$workload" --port=80
    one_line
    assert_output --partial 'belongs to workload serve'
    run -2 "$workload" serve --gil
    one_line
    run -2 "$workload" --scenario=generator --mode=threads
    one_line
    run -2 "$workload" serve --cert=x
    one_line
}

@test "workload: --quiet prints nothing" {
    run -0 "$workload" --quiet --amount=10
    assert_output ''
    run -0 "$workload" -q --amount=10
    assert_output ''
}

@test "workload: a full standard output is one line and exit 1" {
    run -1 sh -c '"$1" --list >/dev/full' - "$workload"
    one_line
    run -1 sh -c '"$1" --truth - --amount=10 >/dev/full' - "$workload"
    assert_output --partial 'cannot be written'
}

@test "workload: a truth file that cannot be opened is one line, before anything runs" {
    run -1 timeout 10 "$workload" --task=sleep --truth "$dir/no/such/place"
    one_line
    assert_output --partial 'No such file'
}

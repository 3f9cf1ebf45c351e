# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154 # jq has its own variables; ours are set in live.bash
# The text report of real runs. What its sections say of given results: tests/unit/test_report_text.c.

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
    escape=$'\033'
}

# is_plain: printable ASCII, or UTF-8 where the locale has it; no control characters
is_plain() {
    ! grep -qF "$escape" "$text" && ! grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$text"
}

# no_wider_than COLUMNS FILE
no_wider_than() {
    ! LC_ALL=C.UTF-8 grep -nE "^.{$(($1 + 1)),}" "$2"
}

# a few runs that are unlike one another
each_run() {
    local words
    while read -r -a words; do
        trace "${words[@]}"
        echo "${words[*]}"
        "$check" || {
            cat "$text"
            return 1
        }
    done <<END
true
$workload --mode=threads --tasks=4 --amount=50000
$workload --mode=processes --task=sleep --tasks=30 --speed=20
$programs/family
$programs/hop 2000
$programs/crowd at-once 300
END
}

tells_the_run() {
    local first
    first=$(head -n 1 "$text")
    # the command, how long, on how many CPUs, and how it ended
    [[ $first =~ (true|workload|family|hop|crowd) ]] &&
        [[ $first =~ [0-9.]+\ (us|ms|s)\ on\ [0-9]+\ CPUs?,\ exit\ 0$ ]] &&
        [ "$(grep -cE '^(exact|not exact): ' "$text")" -eq 1 ] &&
        tail -n 3 "$text" | grep -qE '^(exact|not exact): '
}

@test "report: begins with the run and ends with the account of its own exactness, each time" {
    check=tells_the_run each_run
}

@test "report: no escape code in a file or a pipe" {
    check=is_plain each_run
    run -0 --separate-stderr bash -c '"$@" 2>&1 >/dev/null | cat' - "$conctrace" true
    [ -n "$output" ]
    refute_output --partial "$escape"
}

@test "report: --color=always colours, and takes no room" {
    trace --color always "$workload" --mode=threads --tasks=3 --amount=20000
    run -0 grep -F "$escape" "$text"
    run -1 grep -P '\x1b(?!\[[0-9;]*m)' "$text" # colours only: nothing moves the cursor
    sed 's/\x1b\[[0-9;]*m//g' "$text" >"$dir/plain"
    no_wider_than 100 "$dir/plain"
    run -1 grep -F "$escape" "$dir/plain"
    NO_COLOR=1 trace --color always true
    run -0 grep -F "$escape" "$text"
}

fits() { no_wider_than "${COLUMNS:-100}" "$text"; }

@test "report: no line is wider than COLUMNS says" {
    export COLUMNS
    for COLUMNS in 80 60; do check=fits each_run; done
    unset COLUMNS
    check=fits each_run
}

one_screen() { [ "$(wc -l <"$text")" -le 60 ]; }

@test "report: one screen for any run; -v lists all threads" {
    check=one_screen each_run
    trace -v "$programs/crowd" at-once 100
    [ "$(wc -l <"$text")" -gt 100 ]
    for tid in $(jq '.threads[].tid' "$json"); do
        grep -qw "$tid" "$text" || {
            echo "thread $tid is not listed"
            return 1
        }
    done
}

@test "report: -q keeps standard error empty and writes what was asked for" {
    run -0 --separate-stderr "$conctrace" -q -o "$text" --json "$json" "$workload" --tasks=1 --amount=10
    assert_equal "$stderr" ''
    [ -s "$text" ]
    is_valid
    tells_the_run
}

@test "report: -o - puts it on standard output, behind what the command said" {
    run -0 --separate-stderr "$conctrace" -o - echo said
    assert_line -n 0 said
    assert_line -n 1 --regexp '^echo said .* on [0-9]+ CPUs?, exit 0$'
    assert_equal "$stderr" ''
}

@test "report: how the command ended stands in the first line" {
    trace sh -c 'exit 3'
    [[ $(head -n 1 "$text") =~ ,\ exit\ 3$ ]]
    trace sh -c 'kill -TERM $$'
    [[ $(head -n 1 "$text") =~ SIGTERM ]]
}

@test "report: text and JSON tell the same figures" {
    trace "$workload" --mode=threads --tasks=3 --amount=100000
    for tid in $(jq '.threads[].tid' "$json"); do
        # its row: name, number, ..., then switches
        own=$(jq ".threads[] | select(.tid == $tid).switches.voluntary" "$json")
        forced=$(jq ".threads[] | select(.tid == $tid).switches.involuntary" "$json")
        run -0 grep -E " $tid +[0-9.]+ .* $own +$forced +[^ ]+ *\$" "$text"
    done
    running=$(jq '.summary | .running_ns * 1000 / .lifetime_ns | round / 10' "$json")
    run -0 grep -E '^ +running ' "$text"
    echo "JSON says $running %"
    [[ $output =~ ([0-9.]+)\ % ]]
    jq -n -e "(${BASH_REMATCH[1]} - $running) | fabs < 0.11"
}

@test "report: names and arguments with control characters come out escaped" {
    cp "$programs/split" "$dir/"$'ev\033[31mil\n'
    trace "$dir/"$'ev\033[31mil\n' user 1 $'\033]0;title\007' $'\xff\xfe' $'tab\there'
    is_plain
    says '.processes[0].argv | length == 6 and .[3] == "\u001b]0;title\u0007"'
    LC_ALL=C.UTF-8 run -0 iconv -f UTF-8 -t UTF-8 "$text"
    LC_ALL=C.UTF-8 run -0 iconv -f UTF-8 -t UTF-8 "$json"
}

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

# on_page WORDS: they are in the text, wherever its lines are broken
on_page() {
    tr -s '\n ' '  ' <"$text" | grep -qF -- "$1" || {
        echo "not in the report: $1"
        cat "$text"
        return 1
    }
}

# percent_of N: as the text shows it
percent_of() {
    awk -v x="$1" 'BEGIN {
        if (x > 0 && x < .05) print "<0.1 %"
        else if (x >= 99.95) printf "%.0f %%\n", x
        else if (x <= 0) print "0 %"
        else printf "%.1f %%\n", x
    }'
}

same_path() {
    local tid share state
    # each thread with more than a hundredth of it, unless it is one of many that are alike
    while read -r tid share; do
        on_page " $tid $(percent_of "$share")" || return 1
    done < <(jq -r '.wall_ns as $w | .threads as $all | .critical_path_summary.threads[:4][]
        | (.running_ns + .runnable_ns + .blocked_ns + .unknown_ns) * 100 / $w as $share | select($share > 1)
        | "\(.tid) \($share)"' "$json")
    while read -r state share; do
        on_page "($(percent_of "$share"))" || return 1
    done < <(jq -r '.wall_ns as $w | .critical_path_summary
        | {running: .running_ns, runnable: .runnable_ns} + .blocked | to_entries[]
        | select(.value * 100 > $w) | "\(.key) \(.value * 100 / $w)"' "$json")
    on_page "(bound: $(jq -r .bound "$json"))"
    on_page "One alone: $(percent_of "$(jq '.summary.parallelism.serial_share * 100' "$json")") of the time any ran"
    # rounded up: what is printed is never less
    jq -e --arg page "$(tr -s '\n ' '  ' <"$text")" \
        '($page | capture("More free CPUs: at most (?<n>[0-9.]+) times").n | tonumber) as $n
        | .summary.parallelism.max_speedup.critical_path | . <= $n + 1e-9 and . > $n * 0.94 - 0.02' "$json"
}

same_findings() {
    local count i
    count=$(jq '[.findings[] | select(.severity == "warning")] | length' "$json")
    if [ "$count" -gt 0 ]; then # the weightiest leads
        [ "$(sed -n 3p "$text" | cut -c -40)" = "$(jq -r '.findings[0].title' "$json" | cut -c -40)" ]
    fi
    for ((i = 0; i < $(jq '.findings | length' "$json"); i++)); do
        on_page "$(jq -r ".findings[$i].id" "$json")"
        on_page "$(jq -r ".findings[$i].title" "$json")"
        on_page "$(jq -r ".findings[$i].explanation" "$json")"
        on_page "$(jq -r ".findings[$i].advice // \"\"" "$json")"
    done
}

@test "report: the critical path and the findings are those of the JSON report" {
    while read -r -a words; do
        trace -v "${words[@]}"
        echo "${words[*]}"
        same_path
        same_findings
    done <<END
$workload --mode=threads --gil --tasks=3 --amount=100000
$workload --mode=processes --task=sleep --tasks=3 --speed=20
$programs/chain lock 20
END
}

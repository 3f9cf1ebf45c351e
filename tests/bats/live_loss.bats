# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2034,SC2154 # jq has its own variables; ours are shared with live.bash
# Events are lost on purpose, as the ring has no room for them. What must then still hold: all times
# and counts of threads, which do not come from events; and the loss is told, first of all.

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
    page=$(($(getconf PAGESIZE) / 1024))K
    options=(--ring-size "$page")
}

# loses: events were lost, and no more than that
loses() {
    says '.lost.events > 0 and (.lost.gaps | length) >= 1 and .lost.threads == 0 and .lost.late_events == 0'
    # what nobody saw counts for no degree of parallelism
    says '.wall_ns as $wall | ([.summary.parallelism.time_at_ns[]] | add) + ([.lost.gaps[] | .end_ns - .start_ns] | add) <= $wall'
    says '.summary.unknown_ns == 0'
    says '.wall_ns as $wall | all(.lost.gaps[]; .start_ns >= 0 and .start_ns < .end_ns and .end_ns <= $wall)'
}

@test "loss: times and counts are exact all the same" {
    reaped "$programs/hop" 20000
    assert_equal "$ended" 0
    loses
    holds --kernel --usage "$usage"
    says '.accuracy.voluntary_difference == 0 and .accuracy.involuntary_difference == 0'
}

@test "loss: the same for a crowd: every thread and process is there, with its account" {
    reaped "$programs/messaging" 2 200
    loses
    holds --kernel --usage "$usage"
    says '.summary.processes == 82 and .summary.threads == 82 and .summary.peak_threads <= 82'
    trace --ring-size "$page" "$programs/family"
    has_same_kin
    holds --kernel
}

@test "loss: the demo's threads against their own truth" {
    reaped "$workload" --mode=threads --gil --switch-interval=0.1ms --tasks=4 --amount=400000 --truth "$truth"
    loses
    holds --kernel --usage "$usage" --truth "$truth"
}

@test "loss: the text report says it before all else, and again at its foot" {
    trace --ring-size "$page" "$programs/hop" 20000
    loses
    count=$(jq .lost.events "$json" | sed -E ':a; s/([0-9])([0-9]{3})($|,)/\1,\2\3/; ta')
    run -0 cat "$text"
    assert_line -n 1 --regexp "^HOLES: $count events were lost, in [0-9,]+ places? \("
    assert_equal "$(grep -c '^HOLES' "$text")" 1
    run -0 grep -A1 '^not exact: ' "$text"
    assert_output --partial "$count events lost"
    run -1 grep -E '^exact|nothing lost' "$text"
}

@test "loss: what is lost is told where it happened" {
    # Quiet, a flood, quiet: in the quiet there is room. The gaps begin with the flood, and end before
    # the last sleep, which began when the ring could only have a few events more.
    trace --ring-size 64K sh -c 'sleep 0.4; "$1"; sleep 0.5' - "$programs/hop"
    loses
    says '([.processes[] | select(.comm == "hop").start_ns] | min) as $flood
        | (.processes | map(select(.comm == "sleep")) | max_by(.end_ns).end_ns) as $slept
        | all(.lost.gaps[]; .start_ns >= $flood and .end_ns <= $slept - 480e6)'
}

@test "loss: with the default ring the same program loses nothing" {
    options=()
    reaped "$programs/hop" 20000
    holds --clean --kernel --usage "$usage"
    run -0 grep -A1 '^exact: ' "$text"
    assert_output --partial 'nothing lost'
    run -1 grep -E '^(HOLES|INCOMPLETE|UNKNOWN|NOT EXACT|OUT OF ORDER)' "$text"
}

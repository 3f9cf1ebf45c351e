# SPDX-License-Identifier: GPL-2.0-only
# --stacks and --folded on programs whose functions' names, and what they wait in them, are known.

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
    folded=$dir/folded
    options=(--stacks --folded "$folded")
}

# under CAUSE FUNCTION: at least 95 % of that cause's time, over the run, is in stacks with it
under() {
    awk -v cause="$1" -v frame="$2" '
        { ns = $NF; sub(/ [0-9]+$/, ""); n = split($0, f, ";"); if (f[2] != cause) next; all += ns
          for (i = 3; i <= n; i++) if (f[i] == frame) { in_it += ns; break } }
        END { printf "%s: %.0f of %.0f ns in %s\n", cause, in_it, all, frame
              exit !(all && in_it >= 0.95 * all) }' "$folded" || {
        cat "$folded"
        return 1
    }
}

# sums: all waits are in the stacks, to the nanosecond
sums() {
    local all
    all=$(awk '{s += $NF} END {printf "%.0f", s}' "$folded")
    says '.stacks.lost_ns + $all == .summary.blocked_ns + .summary.runnable.preempted' --argjson all "$all"
    says '([.stacks.places[].ns] | add // 0) == $all' --argjson all "$all"
    says '[.stacks.places[] | .max_ns <= .ns and .count > 0] | all'
}

@test "stacks: a sleep, and who called the function that sleeps" {
    trace "${options[@]}" "$programs/stacks" sleep 200
    under sleep sleeps_here
    under sleep sleeps_inside
    sums
}

@test "stacks: the same where system calls are not hooked" {
    trace --no-syscalls "${options[@]}" "$programs/stacks" sleep 200
    under sleep sleeps_inside
    sums
}

@test "stacks: a lock; and it has its name, with and without --stacks" {
    trace "${options[@]}" "$programs/stacks" lock 200
    says '[.stacks.places[] | select(.cause == "lock")]
          | (map(select(.frames | index("locks_here")).ns) | add) >= 0.95 * (map(.ns) | add)'
    sums
    says '.locks[0].symbol == "the_lock"'
    grep -q 'the_lock' "$text"
    trace "$programs/stacks" lock 50
    says '.locks[0].symbol == "the_lock" and .stacks == null'
    run -1 grep 'where it waited' "$text"
}

@test "stacks: where a thread loses the CPU" {
    trace "${options[@]}" taskset -c 0 "$programs/stacks" spin 300
    says '[.stacks.places[] | select(.state == "preempted" and .pid != null)]
          | (map(select(.frames | index("spins_here")).ns) | add) >= 0.9 * (map(.ns) | add)'
    sums
}

@test "stacks: processes that have ended, some before anybody could look at them" {
    trace "${options[@]}" sh -c 'for i in 1 2 3 4 5; do "$1" sleep 3; done; "$1" sleep 300; "$1" early 20; sleep 0.1' - \
        "$programs/stacks"
    says '[.stacks.places[] | select(.cause == "sleep" and (.frames | index("sleeps_here")))] as $s
          | ([$s[].pid] | unique | length) == 7 and all($s[]; .frames | index("sleeps_inside"))'
    sums
}

@test "stacks: a program without symbols has its file's name and places in it" {
    strip -o "$dir/bare" "$programs/stacks"
    trace "${options[@]}" "$dir/bare" sleep 100
    run -0 grep -cE '^bare;sleep;.*\[bare\+0x[0-9a-f]+\]' "$folded"
    run -1 grep -E 'sleeps_here' "$folded"
    trace "${options[@]}" "$dir/bare" lock 50
    says '.locks[0].symbol | startswith("[bare+0x")'
    sums
}

@test "stacks: another file under the same name is not believed" {
    cp "$programs/stacks" "$dir/here"
    trace "${options[@]}" sh -c '"$1" sleep 150; cp "$2" "$1.new"; mv "$1.new" "$1"' - "$dir/here" "$programs/family"
    run -0 grep -cE '^[a-z]+;sleep;.*\[here\+0x' "$folded"
    sums
}

@test "stacks: what a runtime has compiled, from its map, unless somebody else may have written that" {
    trace "${options[@]}" "$programs/stacks" jit 150
    map=$(<"$out")
    under sleep 'compiled here:x'
    says '[.stacks.places[].frames[]] | index("compiled here;x")'
    rm -f "$map"
    trace "${options[@]}" sh -c '"$1" jit 150 >"$2"; chown 65534 "$(cat "$2")"' - "$programs/stacks" "$dir/map"
    rm -f "$(cat "$dir/map")"
    run -1 grep 'compiled here' "$folded"
    under sleep sleeps_here
}

@test "stacks: sums hold on programs of all kinds" {
    for words in "$programs/family" "$programs/hop 3000" "$programs/crowd at-once 200" \
        "$workload --mode=threads --gil --tasks=4 --amount=100000"; do
        # shellcheck disable=SC2086 # these are words
        trace "${options[@]}" $words
        sums || {
            echo "$words"
            return 1
        }
    done
}

@test "stacks: switching without end has fewer stacks, and the same sums" {
    trace "${options[@]}" "$programs/hop" 60000
    sums
}

@test "stacks: every line of the folded file is one stack" {
    cp "$programs/stacks" "$dir/"$'a;b\nc'
    trace "${options[@]}" "$dir/"$'a;b\nc' sleep 50
    run -1 grep -vE '^[^;]+;[a-z_]+;.+ [0-9]+$' "$folded"
    run -0 grep -E '^a:b\\nc;sleep;' "$folded"
}

@test "stacks: a tree in the text report, short unless -v" {
    trace "${options[@]}" "$programs/stacks" sleep 100
    run -0 grep -A 20 'where it waited' "$text"
    assert_output --partial 'waited for a timer'
    assert_output --partial 'sleeps_inside > sleeps_here'
    trace -v "${options[@]}" "$programs/stacks" sleep 100
    grep -q 'do_nanosleep_\[k\]' "$text"
}

@test "stacks: --folded without --stacks is a mistake; two reports to one place, too" {
    run -2 "$conctrace" --folded "$folded" true
    assert_output 'conctrace: --folded writes what --stacks takes: give both'
    [ ! -e "$folded" ]
    run -2 "$conctrace" --stacks --folded - --json - true
}

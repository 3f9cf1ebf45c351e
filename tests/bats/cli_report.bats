# SPDX-License-Identifier: GPL-2.0-only
# conctrace report FILE, as far as it needs no privilege and no kernel: that is, all of it. The
# recording of version 1 must stay readable for ever: never write it anew.

bats_require_minimum_version 1.5.0

setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    conctrace=$(realpath "${CONCTRACE:-./conctrace}")
    unset SUDO_UID SUDO_GID SUDO_USER COLUMNS NO_COLOR # whoever runs the tests, and wherever
    golden=tests/golden/recording_v1
    dir=$BATS_TEST_TMPDIR
    json=$dir/report.json
}

# one_line: exactly one line, and it is ours
one_line() {
    assert_equal "${#lines[@]}" 1
    assert_output --regexp '^conctrace: '
}

# all_of A B: B holds all that A does; of what A lacks, nothing is said
all_of() {
    jq -n --slurpfile a "$1" --slurpfile b "$2" -e '
        def within($a; $b): if ($a | type) == "object" and ($b | type) == "object"
            then [$a | to_entries[] | within(.value; $b[.key])] | all
            elif ($a | type) == "array" and ($b | type) == "array" and ($a | length) == ($b | length)
            then [range($a | length) as $i | within($a[$i]; $b[$i])] | all
            else $a == $b end;
        within($a[0]; $b[0])' >/dev/null
}

@test "report: the recording of version 1 gives the report that it gave" {
    run -0 "$conctrace" report -q --json "$json" $golden.rec
    assert_output ''
    all_of $golden.json "$json"
    /usr/bin/python3 tests/check/validate_report.py "$json"
    # and this can refuse
    jq '.threads[1].running_ns += 1' $golden.json >"$dir/other.json"
    run ! all_of "$dir/other.json" "$json"
    jq '.gone = 1' $golden.json >"$dir/other.json"
    run ! all_of "$dir/other.json" "$json"
}

@test "report: text on standard error, or where -o says; from a pipe, too; twice the same" {
    run -0 --separate-stderr "$conctrace" report $golden.rec
    assert_equal "$output" ''
    assert_regex "$stderr" '^sh .* exit 0'
    "$conctrace" report -o "$dir/a.txt" --json "$dir/a.json" $golden.rec
    [ "$stderr" = "$(cat "$dir/a.txt")" ]
    "$conctrace" report -o "$dir/b.txt" --json - - <$golden.rec >"$dir/b.json"
    cmp "$dir/a.txt" "$dir/b.txt" && cmp "$dir/a.json" "$dir/b.json"
    cat $golden.rec | "$conctrace" report -o "$dir/c.txt" --json "$dir/c.json" /dev/stdin
    cmp "$dir/a.txt" "$dir/c.txt" && cmp "$dir/a.json" "$dir/c.json"
}

@test "report: as anybody" {
    [ "$(id -u)" -eq 0 ] || skip 'is somebody already'
    cp "$conctrace" "$dir/conctrace" && chmod 755 "$dir" "$dir/conctrace"
    run -0 setpriv --reuid 65534 --regid 65534 --clear-groups "$dir/conctrace" report --json - -q - <$golden.rec
    jq -e '.lost.recording_cut == false' <<<"$output"
}

@test "report: what is no recording is one line with the offset, and 125" {
    printf 'something else altogether' >"$dir/x"
    run -125 "$conctrace" report "$dir/x"
    one_line
    assert_output --partial 'offset 0'
    run -125 "$conctrace" report /dev/null
    one_line
    run -125 "$conctrace" report "$dir/never"
    one_line
    run -125 "$conctrace" report "$dir"
    one_line
    head -c 40 $golden.rec >"$dir/x"
    run -125 "$conctrace" report "$dir/x"
    one_line
    assert_output --partial 'offset 16'
    { head -c 8 $golden.rec && printf '\x02\0\0\0' && tail -c +13 $golden.rec; } >"$dir/x"
    run -125 "$conctrace" report "$dir/x"
    one_line
    assert_output --partial 'version 2'
}

@test "report: cut short, it tells what stands before, and says so first" {
    size=$(stat -c %s $golden.rec)
    head -c $((size - 180)) $golden.rec >"$dir/x.rec"
    run -0 --separate-stderr "$conctrace" report -o "$dir/text" --json "$json" "$dir/x.rec"
    assert_regex "$stderr" '^conctrace: .* is cut short: .*offset [0-9]+'
    assert_regex "$(head -n 1 "$dir/text")" 'recording cut short$'
    grep -q '^CUT SHORT: ' "$dir/text" && grep -q '^not exact: ' "$dir/text"
    jq -e '.lost.recording_cut and .exit == {code: null, signal: null}' "$json"
    /usr/bin/python3 tests/check/validate_report.py "$json"
    # a flipped bit is as good as a cut
    { head -c $((size - 180)) $golden.rec && printf '\xa5' && tail -c 179 $golden.rec; } >"$dir/x.rec"
    run -0 --separate-stderr "$conctrace" report -o "$dir/again" --json "$dir/again.json" "$dir/x.rec"
    cmp "$json" "$dir/again.json"
}

@test "report: it never writes over what it reads" {
    cp $golden.rec "$dir/x.rec"
    for option in -o --json; do
        run -2 "$conctrace" report $option "$dir/x.rec" "$dir/x.rec"
        one_line
    done
    cmp $golden.rec "$dir/x.rec"
}

@test "report: options that come too late, and missing files: exit 2" {
    for words in '' 'a b' '--stacks a' '-p 1 a' '-d 1 a' '--no-syscalls a' '--record x a' '-u root a' '--frob a'; do
        # shellcheck disable=SC2086 # words
        run -2 "$conctrace" report $words
        one_line
    done
    run -0 "$conctrace" report --help
    assert_output --partial 'conctrace report'
}

@test "report: a full disk is an error" {
    run -125 "$conctrace" report -q --json /dev/full $golden.rec
    one_line
}

@test "report: a part of the run's time, of its threads; all of it is no part" {
    "$conctrace" report -q --json "$dir/whole.json" $golden.rec
    wall=$(jq .wall_ns "$dir/whole.json")
    "$conctrace" report -q --json "$json" --from 0 --to "${wall}ns" $golden.rec
    cmp "$dir/whole.json" "$json"
    "$conctrace" report -o "$dir/text" --json "$json" --from "$((wall / 2))ns" $golden.rec
    /usr/bin/python3 tests/check/validate_report.py "$json"
    jq -e --argjson wall "$wall" '.selection | .to_ns == $wall and .run_ns == $wall and .pids == null' "$json"
    grep -q '^PART OF A RUN: from ' "$dir/text"
    "$conctrace" report -q --json "$dir/a.json" --to "$((wall / 2))ns" $golden.rec
    /usr/bin/python3 tests/check/hold_parts.py "$dir/whole.json" "$dir/a.json" "$json"
    # and this can refuse
    jq '.threads[0].running_ns += 1' "$json" >"$dir/b.json"
    run -1 /usr/bin/python3 tests/check/hold_parts.py "$dir/whole.json" "$dir/a.json" "$dir/b.json"
    pid=$(jq '.processes[-1].pid' "$dir/whole.json") name=$(jq -r '.processes[-1].comm' "$dir/whole.json")
    "$conctrace" report -q --json "$dir/pid.json" --pid "$pid" $golden.rec
    "$conctrace" report -q --json "$dir/comm.json" --comm "${name:0:2}*" --pid "$pid,1" $golden.rec
    /usr/bin/python3 tests/check/validate_report.py "$dir/pid.json" "$dir/comm.json"
    cmp <(jq .threads "$dir/pid.json") <(jq .threads "$dir/comm.json")
    cmp <(jq --argjson pid "$pid" '[.threads[] | select(.pid == $pid)]' "$dir/whole.json") <(jq .threads "$dir/pid.json")
}

@test "report: no such part: one line, exit 2; nobody chosen: who there is" {
    for words in '--from=-1' '--from 1h' '--to x' '--from 9999' '--to 9999s' '--from 2 --to 1' '--from 2ms --to 2ms' \
        '--pid x' '--pid 0' '--tid 1,,2' '--comm=' '--folded /dev/null --from 1ns' '--pid 1' '--tid 1' '--comm never*'; do
        # shellcheck disable=SC2086 # words
        run -2 "$conctrace" report $words $golden.rec
        one_line
    done
    assert_output --partial "$(jq -r '.processes[0] | "\(.pid) (\(.comm))"' $golden.json)"
    run -2 "$conctrace" report --from 1ns - < <(cat $golden.rec)
    one_line
    for verb in '' compare; do
        # shellcheck disable=SC2086
        run -2 "$conctrace" $verb --from 1 true
        one_line
    done
}

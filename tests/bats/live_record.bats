# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154 # jq has its own variables; ours are set in live.bash
# Recordings of real runs: their reports are those of the runs; killed or on a full disk, they are
# good up to there.

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
    rec=$dir/run.rec
}

teardown() {
    [ -z "${place:-}" ] || rm -r "$place"
    [ -z "${full:-}" ] || ! mountpoint -q "$full" || umount "$full"
}

# same_report [OPTION...]: the recording gives what the run gave
same_report() {
    "$conctrace" report -o "$dir/again.txt" --json "$dir/again.json" "$@" "$rec"
    cmp "$text" "$dir/again.txt" && cmp "$json" "$dir/again.json"
}

# kept COMMAND...: traced and recorded; text and JSON come back byte for byte
kept() {
    trace --record "$rec" "$@"
    same_report
    says '.lost.recording_cut == false'
}

@test "record: the reports of the demo's modes come back byte for byte" {
    for mode in serial threads processes pool eventloop; do
        kept "$workload" --mode=$mode --task=sleep --tasks=6 --speed=50
    done
    kept "$workload" --mode=threads --tasks=4 --amount=50000 --gil
}

@test "record: so do those of all programs that the tests trace" {
    kept "$programs/family"
    kept "$programs/crowd" at-once 300
    kept "$programs/crowd" over-time 3000
    kept "$programs/messaging" 2 100
    kept "$programs/hop" 3000
    kept "$programs/contend"
    kept "$programs/share"
    kept sh -c 'sleep 1 >/dev/null 2>&1 3>&- & true' # it outlives the run
    kept "$programs/reexec"
    kept sh -c 'kill -SEGV $$' || [ "$ended" -gt 128 ]
    kept --no-syscalls "$programs/messaging" 1 50
}

@test "record: colours, -v and folded stacks, too" {
    trace --record "$rec" --stacks --folded "$dir/folded" -v --color=always "$programs/messaging" 1 100
    same_report -v --color=always --folded "$dir/again.folded"
    cmp "$dir/folded" "$dir/again.folded"
    [ -s "$dir/folded" ]
    trace --record "$rec" true
    run -125 "$conctrace" report --folded "$dir/again.folded" "$rec"
    assert_output --partial 'without --stacks'
}

@test "record: what was lost stays lost" {
    trace --ring-size 4K --record "$rec" "$programs/messaging" 2 200
    says '.lost.events > 0'
    same_report
}

@test "record: what is attached to" {
    "$programs/asleep" 1 30 &
    pid=$!
    trace -p $pid -d 0.5 --record "$rec"
    kill $pid
    same_report
    says '.attached'
}

@test "record: -q keeps a recording and says nothing; it belongs to the invoking user" {
    place=$(mktemp -d /tmp/conctrace-record.XXXXXX) # where nobody may go, too
    chmod 777 "$place"
    rec=$place/run.rec
    SUDO_UID=65534 SUDO_GID=65534 run -0 --separate-stderr "$conctrace" -q --record "$rec" true
    assert_equal "$stderr" ''
    [ "$(stat -c %u "$rec")" -eq 65534 ]
    "$conctrace" report -q --json "$json" "$rec"
    is_valid
    ln -s "$rec" "$dir/link"
    run -125 "$conctrace" -q --record "$dir/link" touch "$dir/ran"
    assert_output --partial 'symbolic link'
    [ ! -e "$dir/ran" ]
    run -2 "$conctrace" --record "$dir/x" --json "$dir/x" touch "$dir/ran"
    [ ! -e "$dir/ran" ]
}

@test "record: anybody can report, without privileges" {
    trace --record "$rec" "$programs/family"
    cp "$conctrace" "$dir/conctrace"
    chmod 755 "$dir" "$dir/conctrace"
    setpriv --reuid 65534 --regid 65534 --clear-groups "$dir/conctrace" report -q --json - - <"$rec" >"$dir/again.json"
    cmp "$json" "$dir/again.json"
}

# Waits until the recording is longer than what stands before the records and that many bytes.
grown() {
    for ((i = 0; i < 600; i++)); do
        [ "$(stat -c %s "$rec" 2>/dev/null || echo 0)" -gt "$1" ] && return
        sleep 0.1
    done
    echo 'the recording does not grow' && return 1
}

@test "record: killed with -9, it is good up to there and says so" {
    setsid "$conctrace" -q --record "$rec" "$programs/messaging" 4 1000000 &
    pid=$!
    grown 20000
    kill -KILL $pid
    wait $pid || true
    kill -KILL -- -$pid # the command lives on, untraced
    run -0 --separate-stderr "$conctrace" report -o "$text" --json "$json" "$rec"
    assert_regex "$stderr" 'is cut short: .*offset [0-9]+'
    assert_regex "$(head -n 1 "$text")" 'recording cut short$'
    is_valid
    says '.lost.recording_cut and .summary.threads == 161 and .summary.switches.voluntary > 1000'
    says '.summary | .user_ns == null and .running_ns > 0 and .unknown_ns == 0'
    # the accounts that were made up are those that the stream draws
    says '.accuracy.stream_difference_ns == 0'
}

@test "record: a full disk ends the recording, is told once, and leaves the report right" {
    full=$dir/full
    mkdir "$full"
    mount -t tmpfs -o size=64k none "$full" || skip 'cannot mount a tmpfs'
    rec=$full/run.rec
    run -125 --separate-stderr "$conctrace" -o "$text" --json "$json" --record "$rec" "$programs/messaging" 4 2000
    assert_equal "${#stderr_lines[@]}" 1
    assert_regex "$stderr" 'the recording in .* ends before the run: No space left'
    is_valid
    says '.lost.recording_cut == false and .exit.code == 0'
    run -0 --separate-stderr "$conctrace" report -o "$dir/again.txt" --json "$json" "$rec"
    is_valid
    says '.lost.recording_cut and .summary.threads > 1'
}

# parts_of MOMENT...: reports of the parts between these moments (ns) add up to the whole
parts_of() {
    local from=0 to n=0 parts=()
    for to in "$@" ''; do
        parts+=("$dir/part$((++n)).json")
        "$conctrace" report -q --json "${parts[-1]}" --from "${from}ns" ${to:+--to "${to}ns"} "$rec"
        /usr/bin/python3 "$checks/validate_report.py" "${parts[-1]}"
        from=$to
    done
    /usr/bin/python3 "$checks/hold_parts.py" "$json" "${parts[@]}"
}

@test "record: parts of a run's time add up to the whole, whatever its threads did at the seams" {
    for words in "$programs/messaging 2 200" "$programs/contend" "$programs/hop 2000" "$programs/crowd over-time 300" \
        "$workload --mode=threads --tasks=4 --amount=100000 --gil" "$workload --mode=processes --task=sleep --tasks=6 --speed=50"; do
        # shellcheck disable=SC2086 # words
        trace --record "$rec" $words
        wall=$(jq .wall_ns "$json")
        parts_of $((wall / 3)) $((wall * 2 / 3 + 12345))
        parts_of 1 $((wall / 7)) $((wall / 2)) $((wall - 1))
        says '.summary.threads > 1'
    done
    # all of the time is no part
    "$conctrace" report -q --json "$dir/again.json" --from 0 --to "${wall}ns" "$rec"
    cmp "$json" "$dir/again.json"
}

@test "record: threads that are chosen keep their accounts" {
    trace --record "$rec" "$programs/messaging" 2 100
    for thread in 0 1 40; do
        tid=$(jq ".threads[$thread].tid" "$json")
        "$conctrace" report -q --json "$dir/part.json" --tid "$tid" "$rec"
        /usr/bin/python3 "$checks/validate_report.py" "$dir/part.json"
        same='[.threads[] | select(.tid == $tid)]'
        cmp <(jq -S --argjson tid "$tid" "$same" "$json") <(jq -S .threads "$dir/part.json")
    done
    pid=$(jq .threads[1].pid "$json")
    "$conctrace" report -q --json "$dir/part.json" --pid "$pid" --from 1ms "$rec"
    /usr/bin/python3 "$checks/validate_report.py" "$dir/part.json"
    # what others are to it: no threads of its own
    "$conctrace" report -q --json "$dir/part.json" --pid "$pid" "$rec"
    jq -e '.locks == [] and ([.preemptors[] | select(.traced)] == [])' "$dir/part.json"
}

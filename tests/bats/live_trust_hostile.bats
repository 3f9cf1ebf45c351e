# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154 # jq has its own variables; ours are set in live.bash
# Programs that mean no good. Whatever they do, the report is whole, true to what they and the kernel
# say, and no danger to its reader; what could not be kept is counted.
# HOSTILE=1 (`make test-hostile`): the sizes that are promised; else smaller ones, for every day.

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
    hostile=$programs/hostile
    place=
}

teardown() {
    [ -z "$place" ] || { umount "$place" 2>/dev/null || true; rmdir "$place" 2>/dev/null || rm -rf "$place"; }
}

size() { # size EVERY_DAY PROMISED
    if [ -n "${HOSTILE:-}" ]; then echo "$2"; else echo "$1"; fi
}

# bounded MIB COMMAND...: trace, and conctrace had less memory than that
bounded() {
    run -0 /usr/bin/python3 "$checks/peak_memory.py" "$json" "$conctrace" -o "$text" "${@:2}"
    echo "conctrace had $output KiB"
    [ "$output" -gt 1000 ] && [ "$output" -lt $(($1 * 1024)) ]
    is_valid
    holds --clean --kernel
    [ "$(wc -l <"$text")" -lt 80 ]
}

# harmless FILE: nothing that a terminal would obey or a reader stumble over; valid UTF-8
harmless() {
    iconv -f UTF-8 -t UTF-8 "$1" >/dev/null
    ! LC_ALL=C.UTF-8 grep -qP '[\x00-\x08\x0b-\x1f\x7f-\x{9f}\x{202a}-\x{202e}\x{2066}-\x{2069}]' "$1"
}

# ---- what it is called ----

@test "hostile: names with escapes, newlines, broken UTF-8, HTML, formulas: each thread told, none obeyed" {
    trace --record "$dir/rec" "$hostile" names
    assert_equal "$ended" 0
    says '.summary.threads == ($n | tonumber)' --arg n "$(cat "$out")"
    holds --clean --kernel
    harmless "$text"
    harmless "$json"
    # what could be kept, was: an escape is told as one, and what is no UTF-8 is not
    says '[.threads[].comm] | index("\u001b[2J\u001b[31m") and index("<script>x</sc") and index("two\nlines\r\n")'
    run -0 "$conctrace" report -o "$dir/text2" --json "$dir/json2" "$dir/rec"
    cmp "$json" "$dir/json2"
    script -qec "$conctrace $hostile names" /dev/null </dev/null >"$dir/screen"
    sed -i -e $'s/\033\\[[0-9;]*m//g' -e $'s/\r$//' "$dir/screen" # its own colours
    harmless "$dir/screen"
}

@test "hostile: arguments of a mebibyte, with anything in them; a path with anything in it" {
    folder=$dir/$(printf '<b>\033[31m\377\n=1+1')
    mkdir "$folder" && cp /bin/true "$folder/$(printf '\033]0;x\007')"
    long=$(head -c 100000 /dev/zero | tr '\0' 'y')
    trace --record "$dir/rec" -- "$folder/"* $'\033[2J' $'\xff\xfe' $'a\nb' "$long" "$long" "$long" "$long" "$long" \
        "$long" "$long" "$long" "$long" "$long" "$long"
    assert_equal "$ended" 0
    harmless "$text"
    harmless "$json"
    says '.processes[0].argv | .[1] == "\u001b[2J" and .[3] == "a\nb"'
    says '.processes[0].argv_cut' || says '.processes[0].argv | tostring | length < 4096'
    [ "$(wc -c <"$json")" -lt 5000000 ]
    run -0 "$conctrace" report -q --json "$dir/json2" "$dir/rec"
    cmp "$json" "$dir/json2"
}

@test "hostile: a command that does not exist, named so as to harm: one harmless line" {
    run -127 "$conctrace" -q $'\033[2Jno\nsuch\xff'
    assert_equal "${#lines[@]}" 1
    printf '%s\n' "$output" >"$dir/line"
    harmless "$dir/line"
}

# ---- how many there are ----

@test "hostile: renames itself a million times" {
    trace sh -c '"$@"; grep VmHWM "/proc/$PPID/status"' - "$hostile" rename "$(size 100000 1000000)"
    says '.threads | length == 3 and any(.[]; .comm == "in the end")'
    holds --clean --kernel
    [ "$(awk '$1 == "VmHWM:" { print $2 }' "$out")" -lt $((100 * 1024)) ]
    says '[.syscalls[] | select(.name == "prctl").calls] == [$n + 1]' --argjson n "$(head -n 1 "$out")"
}

@test "hostile: fifty thousand children" {
    n=$(size 2000 50000)
    bounded "$(size 100 300)" "$hostile" fork "$n"
    says '.summary.processes == $n + 1 and .lost.threads == 0' --argjson n "$n"
    says '[.processes[] | select(.exit.code == 7)] | length == $n' --argjson n "$n"
}

@test "hostile: twenty thousand threads at once" {
    n=$(size 4000 20000)
    bounded 200 "$programs/crowd" at-once "$n"
    says '.summary.peak_threads == $n + 1 and .summary.threads == $n + 1' --argjson n "$n"
}

@test "hostile: execs in a loop" {
    n=$(size 500 5000)
    trace "$programs/reexec" main "$n"
    assert_equal "$ended" 17
    says '.summary.processes == 1 and .summary.threads == 1 and .processes[0].exit.code == 17'
    says '[.syscalls[] | select(.name == "execve") | .calls - .errors] == [$n + 1]' --argjson n "$n"
    holds --clean --kernel
}

@test "hostile: children that flee to init are followed there" {
    n=$(size 200 2000)
    bounded 200 "$hostile" reparent "$n"
    says '.summary.processes == 2 * $n + 1 and all(.processes[]; .exit.code == 0)' --argjson n "$n"
}

# ---- against its tracer ----

@test "hostile: sends its tracer every signal: the report is written, the exit told" {
    trace "$hostile" signal
    assert_equal "$ended" 0
    [ "$(cat "$out")" -ge 55 ]
    says '.summary.processes == 1 and .exit.code == 0'
    holds --clean --kernel
}

@test "hostile: kills the process group that it shares with its tracer" {
    # in a group of their own: the tests would die, too
    run -0 setsid -w "$conctrace" -o "$text" --json "$json" "$hostile" killgroup 1000
    assert_output 1000
    is_valid
    says '.exit.code == 0 and .summary.processes == 1'
    holds --clean --kernel
}

@test "hostile: under sudo it can neither kill nor stop its tracer, nor set its limits" {
    place=$(mktemp -d) && chmod 777 "$place"
    user=(env SUDO_UID=65534 SUDO_GID=65534)
    cp "$hostile" "$place"
    run -0 "${user[@]}" "$conctrace" -q --json "$place/j" "$place/hostile" kill
    assert_output '1 1' # EPERM
    run -1 "${user[@]}" "$conctrace" -q --json "$place/j" "$place/hostile" tracerlimits
    run -0 jq -c .exit "$place/j"
    assert_output '{"code":1,"signal":null}'
    run -137 "${user[@]}" setsid -w "$conctrace" -q --json "$place/j" sh -c 'kill -KILL 0'
    run -0 jq -c .exit "$place/j"
    assert_output '{"code":null,"signal":9}'
}

@test "hostile: limits itself to next to nothing; its tracer is not limited" {
    trace --record "$dir/rec" "$hostile" limits
    assert_equal "$ended" 0
    holds --clean --kernel
    run -0 "$conctrace" report -q --json "$dir/json2" "$dir/rec"
    cmp "$json" "$dir/json2"
}

@test "hostile: limits its tracer, where it may: the report is whole, or one line says why not" {
    run "$conctrace" --stacks -q --json "$json" "$hostile" tracerlimits
    echo "$status: $output"
    if [ "$status" -eq 0 ]; then
        is_valid
    else
        assert_equal "$status" 125
        assert_equal "${#lines[@]}" 1
    fi
}

@test "hostile: a limit on files that we share: one line for each report, no death by SIGXFSZ" {
    run -125 bash -c 'ulimit -f 1; exec "$@"' - "$conctrace" -q --json "$json" "$programs/brood" 200
    assert_line --partial 'File too large'
    run -125 bash -c 'ulimit -f 0; exec "$@"' - "$conctrace" -q --record "$dir/rec" true
    assert_output --partial 'File too large'
}

# ---- against the machine ----

@test "hostile: SCHED_FIFO on every CPU: sums exact, losses counted" {
    spin=$(size 400 3000)
    options=()
    reaped "$hostile" fifo "$spin"
    assert_equal "$ended" 0
    read -r cpus ms <"$out"
    says '[.threads[] | select(.running_ns >= $ms * 1e6)] | length == $cpus' --argjson ms "$spin" --argjson cpus "$cpus"
    says '.summary.running_ns >= $ms * 1e6' --argjson ms "$ms"
    holds --kernel --usage "$usage"
}

@test "hostile: floods the terminal; the report follows whole" {
    n=$(size 3 30)
    TERM=xterm script -qec "$conctrace --json $json $hostile flood $n" /dev/null </dev/null >"$dir/screen"
    is_valid
    says '[.syscalls[] | select(.name == "write") | .calls - .errors] == [$n * 1024]' --argjson n "$n"
    run -0 grep -ac 'exact' "$dir/screen"
}

@test "hostile: the terminal goes away in mid-run: the command is hung up, the report in a file is written" {
    run timeout 30 script -qec "$conctrace -o $text --json $json sh -c 'kill -HUP 0; sleep 20'" /dev/null </dev/null
    is_valid
    says '.exit.signal == 1'
}

@test "hostile: fills the disk that the reports go to: one line each, and what fits is kept" {
    place=$(mktemp -d)
    mount -t tmpfs -o size=1m tmpfs "$place" || skip 'cannot mount a tmpfs'
    run -125 "$conctrace" -q --json "$place/j" --record "$place/k" sh -c 'head -c 2000000 /dev/zero >"$0/full" 2>/dev/null; exit 0' "$place"
    assert_output --partial 'No space left on device'
    [ "${#lines[@]}" -le 2 ]
    [ -e "$place/full" ]
}

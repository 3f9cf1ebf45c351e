# SPDX-License-Identifier: GPL-2.0-only
# conctrace compare, for real. No test decides by how long something took: what is asked is which
# runs took place, what became of their output, and whether text, JSON and reports agree.

bats_require_minimum_version 1.5.0

setup() {
    load live
    live_setup
}

# compare [ARG...]: leaves the reports and $ended; all that is written is valid
compare() {
    ended=0
    "$conctrace" compare -o "$text" --json "$json" "$@" >"$out" 2>"$dir/err" || ended=$?
    cat "$dir/err"
    [ ! -s "$out" ]
    /usr/bin/python3 "$checks/validate_compare.py" "$json"
}

# A command that never ends, once it has said that it is up. A shell would not do: it has moments in
# which it forgets a SIGINT.
endless() {
    printf '%s' "perl -e 'open my \$up, q(>), q($dir/up); print \$up q(up); close \$up; sleep 1000'"
}

# says JQ: as in live.bash, but a failure shows no reports
says() {
    jq -e "$1" "$json" >/dev/null || { echo "does not hold: $1" && jq -c 'del(.runs[].report, .contrasts)' "$json" && return 1; }
}

# tells PART...: the text report holds each
tells() {
    for part in "$@"; do
        tr -s ' \n' '  ' <"$text" | grep -qF -- "$part" || { echo "not there: $part" && cat "$text" && return 1; }
    done
}

@test "compare: the demo's modes, from one line" {
    compare -n 2 -L mode serial,threads,processes,eventloop "$workload --mode={mode} --task=sleep --tasks=4 --speed=20"
    assert_equal "$ended" 0
    assert_equal "$(cat "$dir/err")" ''
    says '[.runs[].label] == ["serial", "threads", "processes", "eventloop"]'
    says '[.runs[] | [.n, .failed, .failure]] | unique == [[2, 0, null]]'
    says '.runs[2].command | endswith("--mode=processes --task=sleep --tasks=4 --speed=20")'
    says '.contrasts[] | select(.metric == "threads") | .values == [1, 5, 5, 1]'
    says '.contrasts[] | select(.metric == "processes") | .values == [1, 1, 5, 1] and .min == .max'
    # four sleeps one after the other, or at once: the same sum of waits, another way to the end
    says '.contrasts[] | select(.metric == "blocked.sleep") | .values[0:3] | min >= 199e6'
    says '.runs[0].wall_ns.min >= 199e6'
    says '.runs[].report.critical_path_summary.running_ns > 0'
    tells '4 designs, 2 runs each, in turn' 'A serial' 'D eventloop' 'timeline'
}

@test "compare: by what the demo's threads wait for, sleeping at once is told from one after the other" {
    # an interval apart that load does not close: 16 sleeps of 50 ms
    compare -n 2 -L mode serial,threads "$workload --mode={mode} --task=sleep --tasks=16 --speed=20"
    says '.contrasts[0].differs and .contrasts[0].best == "threads"'
    says '.reasons[0] | test("critical path. serial was waiting for a timer for ")'
    says '.verdict | startswith("threads was fastest: ")'
    tells 'threads was fastest: ' 'waiting for a timer'
}

@test "compare: runs take place in turn, each as often as -n says" {
    compare -n 3 "sh -c 'echo a >>$dir/order'" "sh -c 'echo b >>$dir/order'" "sh -c 'echo c >>$dir/order'"
    assert_equal "$(tr -d '\n' <"$dir/order")" abcabcabc
    rm "$dir/order"
    compare "sh -c 'echo a >>$dir/order'"
    assert_equal "$(tr -d '\n' <"$dir/order")" aaa # three, unless told otherwise
    assert_equal "$ended" 0
    says '.contrasts[0].best == null and .runs_wanted == 3'
}

@test "compare: -L goes through every combination" {
    compare -n 1 -L a 1,2 -L b x,y,z --output-dir "$dir/kept" "echo {a}{b} {a}"
    assert_equal "$ended" 0
    assert_equal "$(jq -r '.runs[].label' "$json" | paste -sd,)" 'a=1 b=x,a=1 b=y,a=1 b=z,a=2 b=x,a=2 b=y,a=2 b=z'
    assert_equal "$(cat "$dir/kept/a=2_b=y-1.txt")" '2y 2'
}

@test "compare: a run that fails is told, with its last words, and spoils no other" {
    compare -n 2 true "sh -c 'echo out; echo err >&2; exit 3'" "$dir/no-such-program" "sh -c 'kill -SEGV \$\$'" true
    assert_equal "$ended" 1
    says '[.runs[].failed] == [0, 2, 2, 2, 0] and [.runs[].n] == [2, 2, 2, 2, 2]'
    says '[.runs[].report | type] == ["object", "null", "null", "null", "object"]'
    says '.runs[1].failure == "exit status 3" and .runs[3].failure == "killed by SIGSEGV"'
    says '.runs[2].failure | test("No such file")'
    says '.contrasts[0].values | [.[] | type] == ["number", "null", "null", "null", "number"]'
    says '.runs[4].label == "true (2)"'
    tells 'exit status 3, each time. It last wrote:' '| out' '| err' 'killed by SIGSEGV'
}

@test "compare: a run that fails now and then is left out, the others count" {
    compare -n 3 "sh -c 'echo x >>$dir/times; test \$(wc -l <$dir/times) -ne 2'"
    assert_equal "$ended" 1
    says '.runs[0] | .n == 3 and .failed == 1 and .report.exit.code == 0'
    tells 'exit status 1 in 1 of 3 runs, which are left out'
}

@test "compare: what runs write is kept apart, and they read nothing" {
    echo input >"$dir/in"
    run -0 --separate-stderr "$conctrace" compare -n 2 -o "$text" --json - 'echo noise' "sh -c 'cat; echo loud >&2'" <"$dir/in"
    printf '%s' "$output" >"$json"
    /usr/bin/python3 "$checks/validate_compare.py" "$json"
    assert_equal "$stderr" ''

    run ! grep -qxE ' *(noise|loud|input)' "$text"
    # without a folder nothing is left behind; with one, each run has its file
    compare -n 2 --output-dir "$dir/kept" 'echo one two' "sh -c 'cat; echo e >&2; echo o'"
    assert_equal "$(cd "$dir/kept" && ls | wc -l)" 4
    assert_equal "$(cat "$dir"/kept/one_two-2.txt)" 'one two'
    assert_equal "$(cat "$dir"/kept/sh_*-1.txt)" "$(printf 'e\no')"
    # an old file is replaced; a link is not followed
    ln -s "$dir/victim" "$dir/kept/true-1.txt"
    run -125 "$conctrace" compare -n 1 --output-dir "$dir/kept" true
    assert_output --partial 'symbolic link'
    [ ! -e "$dir/victim" ]
}

@test "compare: a program's output as it reopens it, and much of it" {
    compare -n 1 "sh -c 'echo a >/dev/stdout && echo b >/dev/stderr && yes | head -c 20000000'"
    assert_equal "$ended" 0
    compare -n 1 "sh -c 'yes long | head -c 2000000; echo the end; exit 1'"
    assert_equal "$ended" 1
    tells '| the end'
}

@test "compare: under sudo runs are the caller's, and so is what they leave" {
    id nobody >/dev/null || skip 'there is no nobody'
    chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
    chmod 777 "$dir"
    export SUDO_UID SUDO_GID SUDO_USER=nobody
    SUDO_UID=$(id -u nobody) SUDO_GID=$(id -g nobody)
    compare -n 1 --output-dir "$dir/kept" id 'sh -c "id -u; echo x >/dev/stdout"'
    assert_equal "$ended" 0
    assert_equal "$(stat -c %U "$dir/kept" "$dir"/kept/* "$json" | sort -u)" nobody
    grep -q "^uid=$SUDO_UID" "$dir"/kept/id-1.txt
    compare -n 1 -u root --output-dir "$dir/kept" 'id -u'
    assert_equal "$(cat "$dir"/kept/id_-u-1.txt)" 0
}

@test "compare: Ctrl-C ends the present run and the rest; what there is, is reported" {
    # the second design never ends; the first must have run once
    # no function around it: $! would be a shell's
    perl -e '$SIG{$_} = "DEFAULT" for qw(INT QUIT); exec { $ARGV[0] } @ARGV' "$conctrace" compare -n 3 -o "$text" --json "$json" \
        "sh -c 'echo x >>$dir/runs'" "$(endless)" 3>&- &
    local pid=$! ended=0
    for _ in {1..300}; do [ -s "$dir/up" ] && break || sleep 0.1; done
    kill -INT "$pid"
    wait "$pid" || ended=$?
    assert_equal "$ended" 130
    /usr/bin/python3 "$checks/validate_compare.py" "$json"
    says '.interrupted and [.runs[].n] == [1, 0] and .runs[1].report == null and .runs[1].failed == 0'
    assert_equal "$(wc -l <"$dir/runs")" 1
    tells 'Interrupted'
}

@test "compare: Ctrl-C on a terminal, with a progress line that is erased" {
    endless >"$dir/line"
    printf 'stty cols 100; exec %q compare -n 2 -o %q --json %q true "$(cat %q)"\n' "$conctrace" "$text" "$json" "$dir/line" >"$dir/script"
    {
        for _ in {1..300}; do [ -s "$dir/up" ] && break || sleep 0.1; done
        printf '\003'
        sleep 1
    } | TERM=xterm script -qec "bash $dir/script" /dev/null >"$dir/screen" || true
    says '.interrupted and [.runs[].n] == [1, 0]'
    grep -q 'run 1 of 4: true' "$dir/screen"
    grep -q 'run 2 of 4: ' "$dir/screen"
    # the last thing said of it is its erasure
    [ "$(tr '\r' '\n' <"$dir/screen" | grep -a $'\033\[2K' | tail -n 1 | tr -d '\n')" = $'\033[2K' ]
}

@test "compare: a run that ignores Ctrl-C is killed by the second one" {
    deaf="perl -e '\$SIG{INT} = q(IGNORE); open my \$up, q(>), q($dir/up); print \$up q(up); close \$up; sleep 1000'"
    "$conctrace" compare -n 3 -o "$text" --json "$json" "$deaf" 3>&- &
    local pid=$! ended=0
    for _ in {1..300}; do [ -s "$dir/up" ] && break || sleep 0.1; done
    kill -TERM "$pid" || true # which it does not ignore
    wait "$pid" || ended=$?
    assert_equal "$ended" 143
    rm "$dir/up"
    "$conctrace" compare -n 3 -o "$text" --json "$json" "$deaf" 3>&- &
    pid=$! ended=0
    for _ in {1..300}; do [ -s "$dir/up" ] && break || sleep 0.1; done
    kill -INT "$pid"
    sleep 0.5
    kill -INT "$pid"
    wait "$pid" || ended=$?
    assert_equal "$ended" 130
    says '.interrupted and .runs[0].n == 0'
}

@test "compare: no progress line in a pipe, on a dumb terminal or with -q" {
    "$conctrace" compare -n 1 -q true 2>"$dir/err"
    [ ! -s "$dir/err" ]
    TERM=dumb script -qec "$conctrace compare -n 1 -o $text true" /dev/null >"$dir/screen" </dev/null
    TERM=xterm script -qec "$conctrace compare -n 1 -q true" /dev/null >>"$dir/screen" </dev/null
    run ! grep -q 'run 1 of' "$dir/screen"
}

@test "compare: where a report cannot be written nothing runs; on a full disk the other is" {
    run -125 "$conctrace" compare -n 1 --json "$dir/no/such" "touch $dir/ran"
    [ ! -e "$dir/ran" ]
    run -2 "$conctrace" compare -n 1 -o "$json" --json "$json" "touch $dir/ran"
    [ ! -e "$dir/ran" ]
    run -125 "$conctrace" compare -n 1 -o /dev/full --json "$json" true
    /usr/bin/python3 "$checks/validate_compare.py" "$json"
}

@test "compare: --no-syscalls, --ring-size and --color apply" {
    compare -n 1 --no-syscalls --ring-size 64K --color always true "$workload --mode=threads --task=sleep --tasks=2 --speed=20"
    assert_equal "$ended" 0
    says '[.runs[].report.critical_path] == [null, null] and .reasons == []'
    grep -q $'\033\[' "$text"
    compare -n 1 --color never true
    run ! grep -q $'\033' "$text"
}

@test "compare: most memory of a run is the run's own, not conctrace's" {
    compare -n 2 "perl -e '\$x = \"x\" x 40000000'" true
    says '.contrasts[] | select(.metric == "peak_bytes") | .values[0] > 40e6 and .values[0] < 200e6'
    # a small program's is below what its process had when it was still ours, or its own
    says '.contrasts[] | select(.metric == "peak_bytes") | .values[1] == null or .values[1] < 30e6'
}

@test "compare: the checks refuse what is wrong" {
    compare -n 2 true false
    local change
    while read -r change; do
        jq "$change" "$json" >"$dir/bad.json"
        run -1 /usr/bin/python3 "$checks/validate_compare.py" "$dir/bad.json"
    done <<'END'
.schema = "conctrace.compare/2"
.extra = 1
.runs[0].n = 3
.runs[1].failed = 1
.runs[1].failure = null
.runs[1].label = .runs[0].label
.runs[0].wall_ns.median = 1
.runs[0].report.wall_ns += 1
.runs[0].report = null
.contrasts[0].values = []
.contrasts[0].values[0] = null
.contrasts[0].differs = true
.contrasts[0].best = "true"
.contrasts[0].explanation = "x"
del(.contrasts[3])
.contrasts[1].max[0] = 0
.verdict = null
END
}

@test "compare: recordings, by anybody, each as it was" {
    place=$(mktemp -d)
    chmod 755 "$place"
    for mode in serial threads; do
        "$conctrace" -q --record "$place/$mode.rec" --json "$dir/$mode.json" "$workload" --mode=$mode --task=sleep --tasks=3 \
            --speed=10 >/dev/null
    done
    chmod 644 "$place"/*.rec
    compare "$place/serial.rec" "$place/threads.rec"
    assert_equal "$ended" 0
    says '[.runs[] | .label] == ["serial.rec", "threads.rec"] and all(.runs[]; .n == 1 and .failed == 0)'
    says 'all(.contrasts[] | select(.metric == "peak_bytes").values[]; . == null)'
    tells '2 recordings' 'One run each tells nothing of noise.'
    for i in 0 1; do # the very reports of the live runs
        diff <(jq ".runs[$i].report" "$json") <(jq . "$dir/$(jq -r ".runs[$i].label | rtrimstr(\".rec\")" "$json").json")
    done
    # in one folder or another, twice the same name: two labels
    mkdir "$place/other"
    cp "$place/serial.rec" "$place/other/"
    compare "$place/serial.rec" "$place/other/serial.rec"
    says '[.runs[] | .label] == ["serial.rec", "serial.rec (2)"]'
    says '.contrasts[] | select(.metric == "wall_ns") | .values[0] == .values[1]'
    # no privilege needed
    chmod 755 "$place/other"
    chmod 644 "$place/other"/*.rec
    cp "$conctrace" "$place/conctrace"
    run -0 setpriv --reuid=65534 --regid=65534 --clear-groups "$place/conctrace" compare "$place/serial.rec" "$place/threads.rec"
    assert_output --partial '2 recordings'
    # what does not go together
    run -2 "$conctrace" compare "$place/serial.rec" true
    assert_output 'conctrace: compare either recordings or command lines, not both'
    run -2 "$conctrace" compare -n 2 "$place/serial.rec" "$place/threads.rec"
    assert_output --partial 'recordings are of runs that are over'
    run -2 "$conctrace" compare -o "$place/serial.rec" "$place/serial.rec" "$place/threads.rec"
    rm -rf "$place"
}

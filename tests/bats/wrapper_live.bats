# SPDX-License-Identifier: GPL-2.0-only
# conctrace as a wrapper: what goes in and out of the command must be as without it. All of it is
# traced for real, which needs root.

bats_require_minimum_version 1.5.0

setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    [ "$(id -u)" -eq 0 ] || skip 'needs root'
    conctrace=$(realpath "${CONCTRACE:-./conctrace}")
    unset SUDO_UID SUDO_GID SUDO_USER COLUMNS NO_COLOR # whoever runs the tests, and wherever
    dir=$BATS_TEST_TMPDIR
    report=$dir/report
    background=
}

teardown() {
    [ -z "${background:-}" ] || kill -KILL "$background" 2>/dev/null || true
}

# ended COMMAND...: how it ended, in words that tell an exit status of 143 from a death by SIGTERM
ended() {
    perl -e 'system { $ARGV[0] } @ARGV; printf "exit %d signal %d core %d\n", $? >> 8, $? & 127, $? >> 7 & 1' -- "$@"
}

wait_for() { # wait_for SECONDS COMMAND...: until it holds
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.05
    done
}

state_of() { sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$1/status"; }
is_in_state() { [ "$(state_of "$1")" = "$2" ]; }

# unprivileged_place: a directory in which anybody may write
unprivileged_place() {
    place=$(mktemp -d)
    chmod 777 "$place"
}

# ---- exit status ----

@test "the exit status is the command's own" {
    for status in 0 1 3 125 255; do
        run -$status "$conctrace" -o "$report" sh -c "exit $status"
        [ -s "$report" ]
    done
}

@test "a command that is not found: 127 and one line" {
    run -127 "$conctrace" no-such-command-anywhere
    assert_equal "${#lines[@]}" 1
    assert_output "conctrace: cannot run 'no-such-command-anywhere': No such file or directory"
    run -127 "$conctrace" "$dir/nothing"
}

@test "a command that cannot be executed: 126 and one line" {
    echo data >"$dir/data"
    run -126 "$conctrace" "$dir/data"
    assert_equal "${#lines[@]}" 1
    assert_output --partial 'Permission denied'
    run -126 "$conctrace" "$dir"
}

@test "a command killed by a signal: conctrace dies of the same one, and reports first" {
    for signal in 15 9 2 6 11 13; do
        run -0 ended "$conctrace" -o "$report" --json "$dir/json" sh -c "ulimit -c 0; kill -$signal \$\$"
        assert_output "exit 0 signal $signal core 0"
        [ -s "$report" ]
        run -0 jq -c .exit "$dir/json"
        assert_output --partial "\"signal\":$signal"
    done
}

@test "conctrace leaves no core of its own" {
    cd "$dir"
    run -0 bash -c 'ulimit -c unlimited 2>/dev/null; "$@"' - perl -e \
        'system { $ARGV[0] } @ARGV; printf "signal %d core %d\n", $? & 127, $? >> 7 & 1' -- \
        "$conctrace" -q sh -c 'ulimit -c 0; kill -QUIT $$'
    assert_output 'signal 3 core 0'
}

@test "-- report runs a command called report; so does -- doctor" {
    mkdir "$dir/bin"
    for name in report doctor; do
        printf '#!/bin/sh\necho "I am %s, $*"\n' "$name" >"$dir/bin/$name"
        chmod +x "$dir/bin/$name"
        PATH=$dir/bin:$PATH run -0 "$conctrace" -q -- "$name" --json
        assert_output "I am $name, --json"
    done
}

@test "options after the command's first word are the command's" {
    run -0 "$conctrace" -q echo -q --json --help -- x
    assert_output -- '-q --json --help -- x'
}

# ---- streams ----

@test "standard input, output and error are the command's own" {
    run -0 --separate-stderr "$conctrace" -o "$report" sh -c 'cat; echo out; echo err >&2' <<<'from stdin'
    assert_output $'from stdin\nout'
    assert_equal "$stderr" err
    [ -s "$report" ]
}

@test "the report goes to standard error by default, and -q keeps it away" {
    run -0 --separate-stderr "$conctrace" echo hello
    assert_output hello
    [ -n "$stderr" ]
    run -0 --separate-stderr "$conctrace" -q echo hello
    assert_output hello
    assert_equal "$stderr" ''
}

@test "--json - is one JSON document on standard output" {
    run -0 --separate-stderr "$conctrace" -q --json - true
    jq -e '.threads | length == 1' <<<"$output"
}

@test "the command inherits no descriptor but those it was given" {
    plain=$(bash -c 'exec 7</dev/null; ls /proc/self/fd')
    run -0 bash -c 'exec 7</dev/null; exec "$1" -o "$2" --json "$2.json" ls /proc/self/fd' - "$conctrace" "$report"
    assert_output "$plain"
    run -0 bash -c 'exec 7</dev/null; exec "$1" --json - ls /proc/self/fd 2>&1 >/dev/stdout | grep -x "[0-9]*"' - "$conctrace"
    assert_output "$plain"
}

@test "closed standard streams stay closed for the command" {
    run -0 bash -c '"$1" -o "$2" sh -c "test ! -e /proc/\$\$/fd/0 && test ! -e /proc/\$\$/fd/1" <&- >&-' - "$conctrace" "$report"
    [ -s "$report" ]
}

@test "a full disk under the report: the command runs, then one line and 125" {
    for option in -o --json; do
        rm -f "$dir/ran"
        run -125 "$conctrace" -q "$option" /dev/full touch "$dir/ran"
        assert_equal "${#lines[@]}" 1
        assert_output --regexp '^conctrace: cannot write the .* to /dev/full: No space left on device$'
        [ -e "$dir/ran" ]
    done
    run -125 "$conctrace" -q --json /dev/full sh -c 'exit 3' # the report was asked for, and is not there
}

@test "a full disk under one report does not lose the other" {
    run -125 "$conctrace" -o /dev/full --json "$dir/json" true
    run -0 jq -r .schema "$dir/json"
    assert_output conctrace.report/1
}

@test "a reader that went away: one line and 125, no death by SIGPIPE" {
    run -0 bash -c '{ "$1" -q --json - sleep 0.3; echo "status $?"; } 3>&1 >&3 | :' - "$conctrace"
    run bash -c 'exec 5> >(exec true); sleep 0.2; "$1" -q --json /dev/fd/5 true; echo "status $?"' - "$conctrace"
    assert_line 'status 125'
    assert_line --partial 'Broken pipe'
}

@test "/dev/null takes both reports" {
    run -0 "$conctrace" -o /dev/null --json /dev/null true
    assert_output ''
}

@test "an existing report is replaced, not written over" {
    head -c 1000000 /dev/zero >"$report"
    run -0 "$conctrace" -o "$report" true
    [ "$(stat -c %s "$report")" -lt 100000 ]
}

# ---- colours and width ----

@test "no colour in a file unless asked for; NO_COLOR and TERM=dumb are honoured on a terminal" {
    escape=$'\033['
    "$conctrace" -o "$report" true
    run -1 grep -F "$escape" "$report"
    "$conctrace" --color=always -o "$report" true
    run -0 grep -F "$escape" "$report"
    on_terminal() { env "$@" script -qec "$conctrace --color=${color:-auto} true" /dev/null </dev/null; }
    run -0 on_terminal TERM=xterm
    assert_output --partial "$escape"
    run -0 on_terminal TERM=xterm NO_COLOR=1
    refute_output --partial "$escape"
    run -0 on_terminal TERM=dumb
    refute_output --partial "$escape"
    color=never run -0 on_terminal TERM=xterm
    refute_output --partial "$escape"
    color=always run -0 on_terminal TERM=xterm NO_COLOR=1
    assert_output --partial "$escape"
}

# ---- signals ----

# A shell without job control lets its background jobs ignore INT and QUIT: undo that.
with_default_signals() { perl -e '$SIG{INT} = $SIG{QUIT} = "DEFAULT"; exec { $ARGV[0] } @ARGV' "$@"; }

@test "SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 reach the command, once; the report is written" {
    for signal in INT TERM HUP QUIT USR1; do
        rm -f "$dir/up" "$dir/got" "$report"
        with_default_signals "$conctrace" -o "$report" sh -c \
            'trap "echo $1 >>$0/got; exit 7" $1; echo $$ >$0/up; for i in $(seq 200); do sleep 0.05; done' \
            "$dir" "$signal" 3>&- &
        wait_for 10 test -s "$dir/up"
        background=$(ps -o ppid= -p "$(cat "$dir/up")")
        kill -"$signal" $background
        status=0
        wait $! || status=$?
        assert_equal "$status" 7
        assert_equal "$(cat "$dir/got")" "$signal"
        [ -s "$report" ]
    done
}

@test "signal upon signal never loses the report" {
    "$conctrace" -o "$report" sh -c 'trap "" TERM HUP; echo $$ >$0/up; sleep 1.5; exit 5' "$dir" 3>&- &
    background=$!
    wait_for 10 test -s "$dir/up"
    for _ in 1 2 3 4 5 6; do
        kill -TERM "$background"
        kill -HUP "$background"
        sleep 0.1
    done
    status=0
    wait "$background" || status=$?
    assert_equal "$status" 5
    [ -s "$report" ]
}

@test "Ctrl-C on a terminal reaches the command exactly once, and the report is written" {
    # perl counts each delivery; a shell would run its trap once for two that come together.
    # exec: where $SHELL does not do it by itself (dash), the shell would die of the Ctrl-C too.
    cat >"$dir/count" <<'END'
        $SIG{INT} = sub { $got++ };
        open my $up, ">", "$ARGV[0]/up"; print $up "up\n"; close $up;
        $end = time + 20; select undef, undef, undef, 0.01 while !$got && time < $end;
        select undef, undef, undef, 0.05 for 1 .. 10;
        open my $out, ">", "$ARGV[0]/got"; print $out "$got\n"; exit 7;
END
    { wait_for 10 test -s "$dir/up"; printf '\003'; sleep 1; } |
        with_default_signals script -qec "exec $conctrace -o $report perl $dir/count $dir" /dev/null >"$dir/screen" &
    pipeline=$!
    status=0
    wait "$pipeline" || status=$?
    assert_equal "$status" 7
    assert_equal "$(cat "$dir/got")" 1
    [ -s "$report" ]
}

@test "the command's signal mask and dispositions are as without conctrace" {
    show() { "$@" grep -E '^(SigBlk|SigIgn|SigCgt|ShdPnd|SigPnd):' /proc/self/status; }
    plain=$(show env)
    assert_equal "$(show "$conctrace" -q)" "$plain"
    ignoring() { perl -e '$SIG{$_} = "IGNORE" for qw(HUP CHLD PIPE USR2); exec { $ARGV[0] } @ARGV' "$@"; }
    plain=$(show ignoring env)
    assert_equal "$(show ignoring "$conctrace" -q)" "$plain"
}

@test "a parent that ignores SIGCHLD does not cost us the exit status" {
    run -3 timeout 20 perl -e '$SIG{CHLD} = "IGNORE"; exec { $ARGV[0] } @ARGV' "$conctrace" -q sh -c 'exit 3'
}

@test "a stopped command has not ended" {
    "$conctrace" -o "$report" sh -c 'echo $$ >$0/up; kill -STOP $$; exit 4' "$dir" 3>&- &
    background=$!
    wait_for 10 test -s "$dir/up"
    command=$(cat "$dir/up")
    wait_for 10 is_in_state "$command" T
    sleep 0.5
    [ "$(state_of "$background")" = S ]
    kill -CONT "$command"
    status=0
    wait "$background" || status=$?
    assert_equal "$status" 4
    [ -s "$report" ]
}

@test "job control: Ctrl-Z's signal stops both, SIGCONT continues both" {
    set -m
    "$conctrace" -o "$report" sh -c 'echo $$ >$0/up; sleep 1; exit 6' "$dir" 3>&- &
    background=$!
    set +m
    wait_for 10 test -s "$dir/up"
    command=$(cat "$dir/up")
    kill -TSTP -- "-$background"
    wait_for 5 is_in_state "$background" T
    wait_for 5 is_in_state "$command" T
    kill -CONT -- "-$background"
    status=0
    wait "$background" || status=$?
    while [ "$status" -gt 128 ]; do # the shell also tells of the stop
        status=0
        wait "$background" || status=$?
    done
    assert_equal "$status" 6
    [ -s "$report" ]
}

@test "a conctrace that is killed before the release takes the held command with it" {
    for delay in 0.005 0.01 0.02 0.03 0.05; do
        "$conctrace" -q touch "$dir/ran.$delay" 3>&- &
        background=$!
        sleep "$delay"
        held=$(pgrep -P "$background" || true)
        kill -KILL "$background"
        wait "$background" 2>/dev/null || true
        [ -z "$held" ] || wait_for 5 test ! -e "/proc/$held"
    done
}

@test "a child that outlives the command does not hold us up" {
    began=$SECONDS
    run -4 "$conctrace" -o "$report" sh -c 'sleep 20 >/dev/null 2>&1 3>&- & echo $! >$0/child; exit 4' "$dir"
    kill "$(cat "$dir/child")"
    [ $((SECONDS - began)) -lt 10 ]
    [ -s "$report" ]
}

# ---- identity ----

@test "under sudo the command runs as the user who called it" {
    unprivileged_place
    cd "$place"
    run -0 env SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody SUDO_COMMAND=x HOME=/root USER=root LOGNAME=root \
        "$conctrace" -o "$place/report" --json "$place/json" sh -c \
        'id -u; id -ru; id -g; id -G; echo $USER $LOGNAME $HOME; env | grep ^SUDO_; grep -E "^Cap(Inh|Prm|Eff|Amb)" /proc/self/status; touch made'
    home=$(getent passwd nobody | cut -d: -f6)
    assert_line -n 0 65534
    assert_line -n 1 65534
    assert_line -n 2 65534
    assert_line -n 3 65534
    assert_line -n 4 "nobody nobody $home"
    refute_line --partial SUDO_
    for set in Inh Prm Eff Amb; do assert_line --regexp "^Cap$set:\s+0000000000000000"; done
    assert_equal "$(stat -c %u:%g made report json | sort -u)" 65534:65534
    rm -r "$place"
}

@test "a user without an entry: his numbers, and no other group" {
    run -0 setpriv --groups 4,24,65534 env SUDO_UID=54321 SUDO_GID=54322 "$conctrace" -q sh -c 'id -u; id -G'
    assert_output $'54321\n54322'
}

@test "a report is opened with the rights of the user behind sudo, also when the command keeps root" {
    chmod 755 "$dir" && touch "$dir/rootly" && chmod 600 "$dir/rootly"
    run -125 env SUDO_UID=65534 SUDO_GID=65534 "$conctrace" -u root -o "$dir/rootly" touch "$dir/ran"
    assert_equal "${#lines[@]}" 1
    assert_output --partial 'Permission denied'
    [ ! -e "$dir/ran" ]
}

@test "-u root keeps root and its environment under sudo" {
    run -0 env SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody HOME=/somewhere \
        "$conctrace" -q -u root sh -c 'id -u; echo $HOME $SUDO_USER'
    assert_output $'0\n/somewhere nobody'
}

@test "-u NAME and -u NUMBER run the command as that user" {
    run -0 "$conctrace" -q -u nobody sh -c 'id -un; echo $USER'
    assert_output $'nobody\nnobody'
    run -0 "$conctrace" -q --user=65534 id -u
    assert_output 65534
}

@test "a SUDO_UID that is no number is refused, and nothing runs as root" {
    for bad in abc -1 '' 4294967295 99999999999 '0x10' '12 '; do
        run -125 env SUDO_UID="$bad" SUDO_GID=100 "$conctrace" -q touch "$dir/ran"
        assert_equal "${#lines[@]}" 1
        [ ! -e "$dir/ran" ]
    done
}

@test "the PATH is searched with the rights of the user the command runs as" {
    mkdir -m 700 "$dir/bin"
    printf '#!/bin/sh\n' >"$dir/bin/only-root-sees-it" && chmod 755 "$dir/bin/only-root-sees-it"
    PATH=$dir/bin:$PATH run -0 "$conctrace" -q only-root-sees-it
    PATH=$dir/bin:$PATH run -126 "$conctrace" -q -u nobody only-root-sees-it
}

@test "with file capabilities and no root: it traces, and the command gets no capability" {
    command -v setcap >/dev/null || skip 'setcap is not installed'
    unprivileged_place
    cp "$conctrace" "$place/conctrace"
    setcap cap_bpf,cap_perfmon+ep "$place/conctrace" || skip 'no file capabilities on this file system'
    run setpriv --reuid 65534 --regid 65534 --clear-groups "$place/conctrace" -q --json "$place/json" \
        grep -E '^Cap(Prm|Eff|Amb)' /proc/self/status
    [ "$status" -eq 0 ] || echo "$output"
    assert_equal "$status" 0
    for set in Prm Eff Amb; do assert_line --regexp "^Cap$set:\s+0000000000000000"; done
    jq -e '.threads | length == 1' "$place/json"
    rm -r "$place"
}

@test "the environment is otherwise the caller's own" {
    plain=$(env -i A=1 B='two words' PATH="$PATH" /usr/bin/env | sort)
    assert_equal "$(env -i A=1 B='two words' PATH="$PATH" "$conctrace" -q /usr/bin/env | sort)" "$plain"
}

# ---- the status line ----

@test "a status line on a terminal once a run takes long, erased at its end" {
    TERM=xterm run -0 script -qec "$conctrace -o $report sleep 3.5" /dev/null </dev/null
    assert_output --regexp 'conctrace: 2 s, threads: 1, switches: [0-9]+'
    assert_output --partial 'conctrace: 3 s'
    # the last thing on the screen is its removal
    assert_output --regexp $'\033\\[2K\0338$'
}

@test "no status line for a short run, with -q, on a dumb terminal or in a pipe" {
    TERM=xterm run -0 script -qec "$conctrace -o $report sleep 0.5" /dev/null </dev/null
    assert_output ''
    TERM=xterm run -0 script -qec "$conctrace -q sleep 2.5" /dev/null </dev/null
    assert_output ''
    TERM=dumb run -0 script -qec "$conctrace -o $report sleep 2.5" /dev/null </dev/null
    assert_output ''
    TERM=xterm run -0 "$conctrace" -o "$report" sleep 2.5
    assert_output ''
}

# SPDX-License-Identifier: GPL-2.0-only
# The command line, as far as it needs no privilege: nothing here is ever traced.

bats_require_minimum_version 1.5.0

setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    conctrace=${CONCTRACE:-./conctrace}
    unset SUDO_UID SUDO_GID SUDO_USER COLUMNS NO_COLOR # whoever runs the tests, and wherever
    dir=$BATS_TEST_TMPDIR
}

# one_line OUTPUT: exactly one line, and it is ours
one_line() {
    assert_equal "${#lines[@]}" 1
    assert_output --regexp '^conctrace: '
}

@test "--help goes to standard output, names every option and exits 0" {
    run -0 --separate-stderr "$conctrace" --help
    for word in -o --json --record --no-syscalls --user --ring-size --color -q -v --version report doctor 125 126 127; do
        assert_output --partial -- "$word"
    done
    assert_equal "$stderr" ''
}

@test "help is no wider than 100 columns" {
    run -0 "$conctrace" -h
    for line in "${lines[@]}"; do [ "${#line}" -le 100 ]; done
}

@test "--version prints one line: the name and a version" {
    run -0 "$conctrace" --version
    assert_output --regexp '^conctrace [0-9]+\.[0-9]+'
    run -0 "$conctrace" -V
    assert_equal "${#lines[@]}" 1
}

@test "no command: one line, exit 2" {
    run -2 "$conctrace"
    one_line
    assert_output --partial 'COMMAND'
}

@test "'--' and no command: exit 2" {
    run -2 "$conctrace" --
    one_line
}

@test "a misspelt option: one line with the nearest name, exit 2" {
    run -2 "$conctrace" --jsno x true
    one_line
    assert_output --partial 'did you mean --json?'
    run -2 "$conctrace" --colour always true
    assert_output --partial 'did you mean --color?'
    run -2 "$conctrace" --no-sys true
    assert_output --partial 'did you mean --no-syscalls?'
}

@test "an option like no other: no suggestion, exit 2" {
    run -2 "$conctrace" --frobnicate true
    one_line
    refute_output --partial 'did you mean'
    run -2 "$conctrace" -Z true
    one_line
}

@test "a terminal's control characters in a wrong option are not repeated" {
    run -2 "$conctrace" "$(printf -- '--\033[31mred\nline')" true
    one_line
    refute_output --partial $'\033'
}

@test "a very long wrong option is one short line" {
    run -2 "$conctrace" "--$(head -c 5000 /dev/zero | tr '\0' x)" true
    one_line
    [ "${#output}" -lt 200 ]
}

@test "an option without its value: exit 2" {
    for option in -o --json --record -u --user --ring-size --color; do
        run -2 "$conctrace" "$option"
        one_line
        assert_output --partial -- "$option needs"
    done
}

@test "a value for an option that takes none: exit 2" {
    run -2 "$conctrace" --no-syscalls=yes true
    one_line
    assert_output --partial 'takes no value'
}

@test "an empty file name: exit 2" {
    run -2 "$conctrace" --json= true
    one_line
}

@test "--color knows three words" {
    run -2 "$conctrace" --color=sometimes true
    one_line
    assert_output --partial 'auto, always or never'
}

@test "--ring-size takes a power of two from a page to 1G" {
    page=$(getconf PAGESIZE)
    for bad in 0 1 12K 3 $((page / 2)) $((page + 1)) 2G 4T 8k -4096 +4096 4096x 4KK 4.5M 16MB ' 64K' '' \
        18446744073709551616 18014398509481988K; do
        run -2 "$conctrace" --ring-size "$bad" touch "$dir/ran"
        one_line
        assert_output --partial "a power of two from $((page / 1024))K to 1G"
    done
    run -2 "$conctrace" --ring-size=12K touch "$dir/ran"
    one_line
    [ ! -e "$dir/ran" ]
    # these are understood: what follows is what is refused
    for good in "$page" "$((page / 1024))K" 1048576 64K 16M 1G; do
        run -2 "$conctrace" --ring-size "$good" --frobnicate
        assert_output --partial frobnicate
    done
}

@test "compare: what it cannot do is one line, exit 2, and nothing runs" {
    run_nothing="touch $dir/ran"
    while read -r words; do
        # shellcheck disable=SC2086 # words
        run -2 "$conctrace" $words "$run_nothing"
        one_line
    done <<'END'
compare -p 1
compare -d 1
compare --stacks
compare -n 0
compare -n x
compare -n 1x
compare -n 10001
compare -L
compare -L a
compare -L a 1,2
compare -L a{ 1,2
compare -L a 1 -L a 2
compare --frobnicate
-p 1 compare
-n 3
-L a 1,2
--output-dir x
END
    run -2 "$conctrace" compare
    one_line
    assert_output --partial 'COMMAND LINE'
    run -2 "$conctrace" compare -n
    run -2 "$conctrace" compare -L a 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27 "$run_nothing {a}"
    one_line
    assert_output --partial 'more than 26'
    [ ! -e "$dir/ran" ]
    run -0 "$conctrace" compare --help
    assert_output --partial 'conctrace compare'
}

@test "what cannot be attached to is one line, and nothing runs" {
    for words in '-p 1,x' '-p ,1' '-p 0' '-p -5' '-p 99999999999' '-p 1 -d 0' '-p 1 -d x' '-p 1 -d 1s' '-d 1' '-p 1 -u root' \
        '-d 1 true' "-p 1 touch $dir/ran"; do
        # shellcheck disable=SC2086 # words
        run -2 "$conctrace" $words
        one_line
    done
    [ ! -e "$dir/ran" ]
    sleep 0 &
    gone=$!
    wait "$gone"
    run -125 "$conctrace" -p "$gone"
    one_line
    assert_output --partial "no process $gone"
}

@test "doctor takes no arguments" {
    run -2 "$conctrace" doctor now
    one_line
}

@test "doctor prints each check, and OK or a mend for it" {
    run "$conctrace" doctor
    [ "$status" -le 1 ]
    for name in kernel 'type information' privileges lockdown probes; do
        assert_line --regexp "^$name +(OK|missing)"
    done
    missing=$(grep -c '^[a-z ]* missing ' <<<"$output" || true)
    mends=$(grep -c ' mend: ' <<<"$output" || true)
    assert_equal "$missing" "$mends"
    if [ "$status" -eq 0 ]; then assert_line 'Tracing works here.'; else assert_line 'Tracing does not work here.'; fi
}

@test "doctor without privileges says which are missing, and the mend" {
    [ "$(id -u)" -eq 0 ] || skip 'needs root, to give it up'
    cp "$conctrace" "$dir/conctrace" && chmod 755 "$dir" "$dir/conctrace"
    run -1 setpriv --reuid 65534 --regid 65534 --clear-groups "$dir/conctrace" doctor
    assert_line --regexp '^privileges +missing +no cap_bpf, no cap_perfmon'
    assert_line --regexp '^ +mend: use sudo'
    assert_line --regexp '^probes +missing'
}

@test "a closed or full standard output for --help is one line and 125" {
    run -125 sh -c '"$1" --help >/dev/full' - "$conctrace"
    one_line
    run -125 sh -c '"$1" --help >&-' - "$conctrace"
    one_line
    run -125 sh -c '"$1" --version >/dev/full' - "$conctrace"
    one_line
    run -125 sh -c '"$1" doctor >/dev/full' - "$conctrace"
    one_line
}

@test "two reports cannot go to one place: exit 2, before the command runs" {
    run -2 "$conctrace" -o "$dir/x" --json "$dir/x" touch "$dir/ran"
    one_line
    run -2 "$conctrace" -o - --json - touch "$dir/ran"
    one_line
    ln "$dir/x" "$dir/same"
    run -2 "$conctrace" -o "$dir/x" --json "$dir/same" touch "$dir/ran"
    one_line
    [ ! -e "$dir/ran" ]
}

@test "an output that cannot be opened is one line and 125, before the command runs" {
    run -125 "$conctrace" -o "$dir/no/such/place" touch "$dir/ran"
    one_line
    assert_output --partial 'No such file'
    run -125 "$conctrace" --json "$dir" touch "$dir/ran"
    one_line
    [ ! -e "$dir/ran" ]
}

@test "an output is never a symbolic link, a dangling one or a FIFO" {
    echo precious >"$dir/victim"
    ln -s victim "$dir/link"
    run -125 "$conctrace" -o "$dir/link" touch "$dir/ran"
    one_line
    assert_output --partial 'symbolic link'
    assert_equal "$(cat "$dir/victim")" precious
    ln -s nowhere "$dir/dangling"
    run -125 "$conctrace" --json "$dir/dangling" touch "$dir/ran"
    [ ! -e "$dir/nowhere" ]
    mkfifo "$dir/fifo"
    run -125 timeout 10 "$conctrace" --json "$dir/fifo" touch "$dir/ran"
    one_line
    assert_output --partial FIFO
    exec 7<>"$dir/fifo" # now with a reader
    run -125 timeout 10 "$conctrace" --json "$dir/fifo" touch "$dir/ran"
    exec 7>&-
    one_line
    [ ! -e "$dir/ran" ]
}

@test "a closed standard output for --json - is one line and 125" {
    run -125 sh -c '"$1" --json - touch "$2" >&-' - "$conctrace" "$dir/ran"
    one_line
    # nor may the file that is opened first become the standard output
    run -125 sh -c '"$1" -o "$2.txt" --json - touch "$2" >&-' - "$conctrace" "$dir/ran"
    one_line
    [ ! -e "$dir/ran" ]
}

@test "an unknown user for -u is one line and 125" {
    run -125 "$conctrace" -q -u no-such-user true
    one_line
    assert_output --partial "no user 'no-such-user'"
}

@test "without privileges: one line with the mend, 125, and the command never runs" {
    [ "$(id -u)" -eq 0 ] || skip 'needs root, to give it up'
    cp "$conctrace" "$dir/conctrace" && chmod 777 "$dir" && chmod 755 "$dir/conctrace"
    run -125 setpriv --reuid 65534 --regid 65534 --clear-groups "$dir/conctrace" touch "$dir/ran"
    one_line
    assert_output --partial sudo
    [ ! -e "$dir/ran" ]
}

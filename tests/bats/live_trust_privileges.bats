# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154 # the commands' own shells expand those; ours are set in live.bash
# What conctrace may do, what the command may do, and what neither can do to the other through us.
# sudo itself is not needed: what it tells of its caller is three variables.

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
    place=$(mktemp -d) # a directory that the user may write in, and reach
    chmod 777 "$place"
    user=(SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody)
}

teardown() {
    rm -rf "${place:-}"
}

# as_user COMMAND...: what the user has without us
as_user() {
    setpriv --reuid 65534 --regid 65534 --init-groups "$@"
}

# with_capabilities: conctrace as a file with capabilities, for those who are not root
with_capabilities() {
    cp "$conctrace" "$place/conctrace"
    setcap cap_bpf,cap_perfmon+ep "$place/conctrace" || skip 'no file capabilities on this file system'
}

# ---- the command ----

@test "privileges: under sudo the command has what its user has, and nothing of root's or ours" {
    cd "$place"
    looks='grep -E "^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|Sig)" /proc/self/status; ls /proc/self/fd'
    run -0 as_user sh -c "$looks"
    plain=$output
    assert_line --regexp '^NoNewPrivs:.0$'
    run -0 env "${user[@]}" "$conctrace" -o r --json j --record k sh -c "$looks"
    assert_output "$plain"
    run -0 "$conctrace" -q -u nobody sh -c "$looks"
    assert_output "$plain"
}

@test "privileges: with file capabilities the command has none of them, and no descriptor" {
    with_capabilities
    cd "$place"
    looks='grep -E "^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|Sig)" /proc/self/status; ls /proc/self/fd'
    run -0 as_user sh -c "$looks"
    plain=$output
    run -0 as_user ./conctrace -o r --json j --record k sh -c "$looks"
    assert_output "$plain"
}

# ---- conctrace ----

@test "privileges: while the command runs, conctrace has given up what it does not need" {
    cd "$place"
    ours='cat /proc/$PPID/task/$PPID/status'
    run -0 "$conctrace" -q --json j sh -c "$ours | grep -E '^(Cap(Prm|Eff|Inh|Amb)|NoNew)'"
    # bpf, kill, syslog; and to read other users' programs: dac_read_search, sys_ptrace
    assert_output $'CapInh:\t0000000000000000\nCapPrm:\t0000008400080024\nCapEff:\t0000008400080024\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1'
    run -0 env "${user[@]}" "$conctrace" -q --json k sh -c "$ours | grep -E '^(Uid|Cap(Prm|Eff))'"
    # it sees files as he does (the last number), and is still out of his reach (the first three)
    assert_output $'Uid:\t0\t0\t0\t65534\nCapPrm:\t0000008400000020\nCapEff:\t0000008400000020'
    with_capabilities
    run -0 as_user ./conctrace -q --json l sh -c "$ours | grep -E '^Cap(Prm|Eff)'"
    assert_output $'CapPrm:\t0000008000000000\nCapEff:\t0000008000000000'
}

@test "privileges: with -p, too" {
    sleep 20 3>&- &
    target=$!
    "$conctrace" -q --json "$json" -p "$target" 3>&- &
    tracer=$!
    for _ in $(seq 200); do
        grep -q '^CapEff:.0000008400080024$' "/proc/$tracer/status" && break
        sleep 0.05
    done
    run -0 grep '^Cap[PE]' "/proc/$tracer/status"
    kill "$target"
    wait "$tracer"
    assert_output $'CapPrm:\t0000008400080024\nCapEff:\t0000008400080024'
    is_valid
}

@test "privileges: the recorder's thread has no capability at all" {
    run -0 "$conctrace" -q --record "$place/k" sh -c \
        'for t in /proc/$PPID/task/*; do echo $(cat $t/comm) $(grep ^CapPrm $t/status); done'
    assert_line 'conctrace-rec CapPrm: 0000000000000000'
}

@test "privileges: file capabilities, no root: everything is as exact as with root" {
    with_capabilities
    cp "$programs/family" "$programs/reap" "$workload" "$place"
    cd "$place"
    run -0 as_user ./conctrace -o "$place/r" --json "$place/j" ./family
    cp j "$json"
    echo "$output" >"$out"
    is_valid
    has_same_kin
    holds --clean --kernel
    run -0 as_user ./conctrace --stacks -q --json "$place/j" ./reap u ./workload --mode=threads --task=cpu --tasks=5 --amount=150000 --speed=20 --truth t
    cp j "$json"
    is_valid
    holds --clean --kernel --usage u --truth t
    says '.stacks.places | length > 0'
    run -0 as_user ./conctrace doctor
    assert_line --regexp '^privileges +OK +cap_bpf, cap_perfmon$'
}

@test "privileges: neither root nor capabilities: one line, and the command does not run" {
    cp "$conctrace" "$place/conctrace"
    run -125 as_user "$place/conctrace" -q touch "$place/ran"
    assert_equal "${#lines[@]}" 1
    assert_output --partial 'cap_bpf and cap_perfmon'
    [ ! -e "$place/ran" ]
}

# ---- its files ----

@test "privileges: no planted link, FIFO, folder or foreign file is written through us" {
    mkdir -m 700 "$place/rootly" && echo secret >"$place/rootly/file" && echo secret >"$place/own"
    chmod 600 "$place/own"
    cd "$place"
    echo secret >"$place/mine" && chown 65534:65534 "$place/mine"
    ln -s own symlink && ln own hardlink && ln -s mine to-mine && ln -s rootly parent && mkfifo -m 666 fifo && mkdir -m 777 folder
    for option in -o --json --record --folded; do
        for target in symlink to-mine hardlink parent/file rootly/file rootly/new parent/new fifo folder; do
            run -125 env "${user[@]}" timeout 20 "$conctrace" -q --stacks "$option" "$target" touch "$place/ran"
            assert_equal "${#lines[@]}" 1
            [ ! -e ran ]
        done
        run -0 env "${user[@]}" "$conctrace" -q --stacks "$option" made true
        assert_equal "$(stat -c %u:%g:%h made)" 65534:65534:1
        rm made
    done
    assert_equal "$(cat own mine rootly/file)" $'secret\nsecret\nsecret'
    [ ! -e rootly/new ]
}

@test "privileges: no temporary file is made, in whatever folder the environment names" {
    mkdir "$place/tmp" && chmod 777 "$place/tmp"
    run -0 env "${user[@]}" TMPDIR="$place/tmp" strace -f -o "$place/calls" -e trace=open,openat,creat,mknod,mkdir,mkdirat \
        "$conctrace" -q --stacks --json "$place/j" --record "$place/k" --folded "$place/f" true
    run -0 grep -cE 'O_CREAT' "$place/calls"
    assert_output 3 # those that were asked for
}

# ---- its environment ----

@test "privileges: variables that libraries obey do not reach conctrace under sudo; the command has them all" {
    mkdir -p "$place/xx_XX.UTF-8"
    mkfifo "$place/xx_XX.UTF-8/LC_CTYPE" # whoever obeys LOCPATH waits here for ever
    trap=(LOCPATH="$place" LC_ALL=xx_XX.UTF-8)
    run -124 env "${trap[@]}" timeout 3 "$conctrace" --version # that it is a trap
    run -0 env -i "${user[@]}" PATH="$PATH" "${trap[@]}" DEBUGINFOD_URLS=x LD_BIND_NOT=1 A='b c' \
        timeout 20 "$conctrace" -q /usr/bin/env
    for given in "${trap[@]}" DEBUGINFOD_URLS=x LD_BIND_NOT=1 'A=b c'; do assert_line "$given"; done
}

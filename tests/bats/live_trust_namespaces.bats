# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2154 # jq and the commands' shells have their own variables
# Commands in namespaces of their own, in a chroot; conctrace itself in a PID namespace, or in a place
# that lacks what it needs. (A control group with a quota: live_tables.bats.)

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
    unshare --pid --fork --mount-proc true 2>/dev/null || skip 'no namespaces can be made here'
    mounted=
}

teardown() {
    [ -z "$mounted" ] || umount -l "$mounted"
}

# seen_inside COMMAND...: of the report in $json, what the command itself sees: its namespace's numbers
seen_inside() {
    jq '($ARGS.positional) as $command
        | (reduce .processes[] as $p ({}; .["\($p.pid)"] = $p.ns_pid)) as $own
        | .command = $command
        | .processes |= [.[] | select(.ns_pid) | .ppid = ($own["\(.ppid)"] // $parent) | .pid = .ns_pid]
        | .threads |= [.[] | select(.ns_tid) | .pid = $own["\(.pid)"] | .tid = .ns_tid]' \
        --argjson parent "${parent:-0}" "$json" --args "$@" >"$dir/inside.json"
    /usr/bin/python3 "$checks/same_kin.py" "$dir/inside.json" "$out"
}

@test "namespaces: on the host nobody has another number" {
    trace "$programs/brood" 20
    says 'all(.processes[]; .ns_pid == null) and all(.threads[]; .ns_tid == null)'
    has_same_kin
}

@test "namespaces: PID: each process and thread with both numbers; also in a namespace within" {
    trace --record "$dir/rec" unshare --pid --fork --mount-proc "$programs/brood" 100
    assert_equal "$ended" 0
    says '.summary.processes == 102 and ([.processes[] | select(.ns_pid)] | length == 101)'
    says '[.processes[] | select(.ns_pid == 1)] | length == 1 and .[0].pid > 1'
    holds --clean --kernel
    seen_inside "$programs/brood" 100
    run -0 "$conctrace" report -q --json "$dir/json2" "$dir/rec"
    cmp "$json" "$dir/json2"
    trace unshare --pid --fork unshare --pid --fork --mount-proc "$programs/crowd" at-once 10
    says '[.threads[] | select(.comm == "crowd").ns_tid] | sort == [range(1; 12)]' # the innermost's
}

@test "namespaces: a thread that execs there takes its first thread's number, there too" {
    trace unshare --pid --fork --mount-proc "$programs/reexec" thread 5
    says '[.processes[] | select(.comm == "reexec")] | length == 1 and .[0].ns_pid == 1'
    says '.threads | map(select(.comm == "reexec")) | last.ns_tid == 1'
}

@test "namespaces: user, mount, network, UTS, IPC, cgroup, all at once: followed, and as exact" {
    for kinds in '--user --map-root-user' --mount --net '--uts --ipc --cgroup' \
        '--user --map-root-user --pid --fork --mount-proc --mount --net --uts --ipc --cgroup'; do
        # shellcheck disable=SC2086 # several words
        trace --stacks unshare $kinds "$programs/brood" 50
        assert_equal "$ended" 0
        says '[.processes[] | select(.comm == "brood")] | length >= 51'
        holds --clean --kernel
    done
}

@test "namespaces: a command in a chroot, with nothing but itself: followed" {
    mkdir "$dir/root"
    cc -static -o "$dir/root/brood" -I. tests/programs/brood.c 2>/dev/null || skip 'nothing can be linked statically here'
    trace --stacks chroot "$dir/root" /brood 20
    assert_equal "$ended" 0
    holds --clean --kernel
    jq '.command = ["/brood", "20"]' "$json" >"$dir/inside.json"
    /usr/bin/python3 "$checks/same_kin.py" "$dir/inside.json" "$out"
}

@test "namespaces: conctrace in a PID namespace traces, and attaches by the numbers that hold there" {
    run -0 unshare --pid --fork --mount-proc "$conctrace" -q --json "$json" "$programs/brood" 30
    echo "$output" >"$out"
    is_valid
    holds --clean --kernel
    parent=1 seen_inside "$programs/brood" 30
    run -0 unshare --pid --fork --mount-proc sh -c \
        'sleep 1 & echo $!; exec "$@" -p $!' - "$conctrace" -q --json "$json"
    is_valid
    says '.processes | length == 1 and .[0].comm == "sleep" and .[0].ns_pid == $pid' --argjson pid "$output"
}

@test "namespaces: the same number outside is not attached to" {
    # nobody is 2 in the namespace but the process meant; on the host 2 is the kernel's
    run -125 unshare --pid --fork --mount-proc "$conctrace" -q -p 2
    assert_equal "${#lines[@]}" 1
}

@test "namespaces: a place without /sys and /proc: one line, and what works there" {
    mkdir "$dir/bare"
    mount -t tmpfs tmpfs "$dir/bare" && mounted=$dir/bare
    for folder in bin lib lib64 usr dev; do
        [ -e "/$folder" ] || continue
        mkdir "$dir/bare/$folder" && mount --rbind "/$folder" "$dir/bare/$folder"
        mount --make-rslave "$dir/bare/$folder"
    done
    cp "$conctrace" "$dir/bare/conctrace"
    run -125 chroot "$dir/bare" /conctrace -q true
    assert_equal "${#lines[@]}" 1
    assert_output --partial 'type information'
    run -1 chroot "$dir/bare" /conctrace doctor
    assert_line 'Tracing does not work here.'
    mkdir "$dir/bare/sys" && mount -t sysfs sysfs "$dir/bare/sys"
    run -0 chroot "$dir/bare" /conctrace --stacks --json - -q true # no /proc: no names, but all else
    printf '%s\n' "$output" >"$json"
    is_valid
    holds --clean --kernel
}

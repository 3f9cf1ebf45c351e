#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs inside the emulated machine (see run.sh), as its first process. Prints "ok NAME" or "not ok NAME".
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t tmpfs none /tmp
export PATH=/bin TERM=dumb
exec </dev/console >/dev/console 2>&1
echo "kernel $(uname -r), $(nproc) CPUs"

verdict() { # verdict NAME STATUS
    [ "$2" -eq 0 ] && echo "ok $1" && return
    echo "not ok $1"
    return 1
}

# What every report must say of itself: the kernel's own figures met, nothing lost, streams alike.
exact() {
    grep -q '"voluntary_difference": 0, "involuntary_difference": 0, "stream_difference_ns": 0' /tmp/json &&
        grep -qE '"cpu_ratio": (1|1\.000[0-9]*|0\.999[0-9]*)[,}]' /tmp/json &&
        grep -q '"events": 0' /tmp/json && grep -q '"late_events": 0' /tmp/json &&
        grep -q '"unknown_ns": 0' /tmp/json && grep -q '^exact: ' /tmp/text
}

traced() { # traced NAME STATUS [OPTION...] COMMAND...: it ends with that status, and its report is exact
    name=$1 expected=$2
    shift 2
    status=0
    conctrace -o /tmp/text --json /tmp/json "$@" >/tmp/out 2>/tmp/err || status=$?
    [ "$status" -eq "$expected" ] && exact
    verdict "$name" $? || {
        echo "# status $status"
        sed 's/^/# /' /tmp/err
        grep -E '^  "(accuracy|lost)"|"(events|late_events)"|^    "unknown_ns"' /tmp/json | cut -c1-300 | sed 's/^/# /'
        sed -n '/^exact/,$p; /^NOT/p; /lost/p; /ORDER/p' /tmp/text | sed 's/^/# /'
    }
}

conctrace doctor
verdict doctor $?
traced 'every kind of child' 0 /bin/family
threads=$(grep -c '^thread ' /tmp/out)
[ "$threads" -gt 5 ] && [ "$(grep -c '"alive": false' /tmp/json)" -eq "$threads" ]
verdict 'as many threads as the program says' $?
traced 'pipes between CPUs' 0 /bin/hop 2000
traced 'the same without system calls' 0 --no-syscalls /bin/hop 2000
traced 'many processes at once' 0 /bin/messaging 1 50
traced 'many threads at once' 0 /bin/crowd at-once 300
traced 'a contended lock' 0 /bin/contend 4 20
grep -q "\"address\": \"$(cut -d' ' -f1 /tmp/out)\"" /tmp/json
verdict 'its address' $?
traced stacks 0 --stacks /bin/contend 4 20
for mode in serial threads processes pool eventloop; do
    traced "demo, $mode, cpu" 0 /bin/workload --mode=$mode --tasks=3 --amount=5000
    traced "demo, $mode, sleep" 0 /bin/workload --mode=$mode --task=sleep --tasks=3 --speed=20
done
for way in futex nanosleep socket-read pipe-read epoll-wait child-wait4 signal-pause; do
    traced "waits, $way" 0 /bin/waits $way 100
done
traced 'an exit status' 3 /bin/sh -c 'exit 3'
sleep 100 &
conctrace -d 0.3 -o /tmp/text --json /tmp/json -p $! && grep -q '"attached": true' /tmp/json
verdict 'attaching' $?
echo "done"
poweroff -f

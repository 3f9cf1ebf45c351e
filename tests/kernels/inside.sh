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

# caused CAUSES: of what the program measured itself (a number per cause), at least 95 % stands under its
# cause in its main thread, and no other cause has more than 2 %. What it waited for a CPU, which in an
# emulator on a busy host is much, is no part of that; a fifth of its wait at most is taken for such.
caused() {
    awk -v causes="$1" '
        NR == FNR { parts = split($0, measured); next }
        /^    \{"tid": / && /"start_ns": 0,/ && match($0, /"blocked": \{[^}]*\}/) {
            seen++
            list = substr($0, RSTART + 12, RLENGTH - 13)
            gsub(/[",:]/, "", list)
            words = split(list, word, " ")
            for (i = 1; i < words; i += 2) ns[word[i]] = word[i + 1]
            match($0, /"runnable_ns": [0-9]+/)
            late = substr($0, RSTART + 15, RLENGTH - 15)
        }
        END {
            bad = split(causes, cause, " ") != parts || seen != 1 || words < 22
            for (i = 1; i <= parts; i++) {
                most = .2 * measured[i]
                bad += measured[i] < 1e7 || ns[cause[i]] + (late < most ? late : most) < .95 * measured[i]
                total += measured[i]
                print cause[i], ns[cause[i]], "and", late + 0, "late, of", measured[i]
                delete ns[cause[i]]
            }
            for (other in ns) if (ns[other] > .02 * total) {
                bad++
                print "but also", other, ns[other]
            }
            exit bad > 0
        }' /tmp/out /tmp/json >/tmp/held
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
# All 32-bit ways to wait, which not every machine can make: here each must be made.
waits --list | grep -E '^(compat-[^ ]*|futex|nanosleep|socket-read|pipe-read|epoll-wait|child-wait4|signal-pause) ' >/tmp/ways
grep -c '^compat-' /tmp/ways | grep -qvx 0
verdict 'there are 32-bit ways to wait' $?
while read -r way causes; do
    for mode in '' --no-syscalls; do
        # shellcheck disable=SC2086 # nothing or one word
        traced "waits, $way${mode:+ $mode}" 0 $mode /bin/waits "$way" 1000
        # the host may hold up the whole machine in between: that does not hit thrice, a wrong cause does
        for _ in 1 2; do
            caused "$causes" && break
            conctrace -o /tmp/text --json /tmp/json $mode /bin/waits "$way" 1000 >/tmp/out 2>/tmp/err
        done
        caused "$causes"
        verdict "its cause: $causes" $? || sed 's/^/# /' /tmp/held
    done
done </tmp/ways
traced 'an exit status' 3 /bin/sh -c 'exit 3'
sleep 100 &
conctrace -d 0.3 -o /tmp/text --json /tmp/json -p $! && grep -q '"attached": true' /tmp/json
verdict 'attaching' $?
echo "done"
poweroff -f

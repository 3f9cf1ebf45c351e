# SPDX-License-Identifier: GPL-2.0-only
# What a thread waited for: each way to wait that tests/programs/waits.c knows stands under its cause,
# with the system-call probes and without (tests/check/causes.py says how close). Needs root.

bats_require_minimum_version 1.5.0

setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    [ "$(id -u)" -eq 0 ] || skip 'needs root'
    [ -x /usr/bin/python3 ] || skip '/usr/bin/python3 is not installed'
    root=$PWD
    conctrace=$(realpath "${CONCTRACE:-./conctrace}")
    unset SUDO_UID SUDO_GID SUDO_USER
    # beside the build, as what is below /tmp may be no disk
    here=$(mktemp -d "$root/build/causes.XXXXXX")
    cd "$here" || return
}

teardown() {
    cd "${root:-.}" || return
    [ -z "${here:-}" ] || rm -rf "$here"
}

# named PATTERN [BUT]: the ways to wait whose rows "NAME CAUSE [SECOND]" match it, and not BUT
named() {
    mapfile -t names < <("$root/build/tests/waits" --list | grep -E "$1" | grep -vE "${2:-^$}" | cut -d' ' -f1)
    [ "${#names[@]}" -gt 0 ]
}

# told_right NAME...: and if this machine knows none of these ways to wait, that is said
told_right() {
    local status=0
    /usr/bin/python3 "$root/tests/check/causes.py" "$conctrace" "$root/build/tests/waits" "${ms:-150}" "$@" || status=$?
    [ $status -ne 77 ] || skip 'this machine cannot wait so'
    return $status
}

of_cause() {
    named "^[^ ]+ $1\$" '^compat-'
    told_right "${names[@]}"
}

@test "lock: futex, mutex, condition, join, semaphore, in one process or several" { of_cause lock; }
@test "sleep: nanosleep and kin, timerfd, poll and select with a timeout alone" { of_cause sleep; }
@test "socket: read, write, accept, connect, poll and select over sockets" { of_cause socket; }
@test "pipe: pipes, FIFOs, eventfd, terminals, poll and select over them" { of_cause pipe; }
@test "event_wait: epoll, io_uring, poll and select over this and that" { of_cause event_wait; }
@test "disk: sync, direct I/O, what is not in the page cache" { of_cause disk; }
@test "fault: by userfaultfd and from the disk" { of_cause fault; }
@test "child: wait and vfork in all their forms" { of_cause child; }
@test "signal: pause and kin, signalfd, poll for nothing for ever" { of_cause signal; }
@test "stopped: by a signal, by a tracer, by a control group" { of_cause stopped; }
@test "other: file locks, System V and POSIX queues, inotify" { of_cause other; }

@test "a wait goes on under its cause after a stop, which stands apart" {
    named '^restart-'
    ms=450 # of which a third each
    told_right "${names[@]}"
}

@test "the 32-bit table: the same causes" {
    named '^compat-'
    ms=450
    told_right "${names[@]}"
}

@test "every way to wait is in one of these tests, and every cause has one" {
    run -0 "$root/build/tests/waits" --list
    assert_equal "$(cut -d' ' -f2 <<<"$output" | sort -u | tr '\n' ' ')" \
        'child disk event_wait fault lock other pipe signal sleep socket stopped '
    assert_equal "$(awk 'NF != 2 && !/^(restart|compat)-/' <<<"$output")" ''
}

@test "Python waits in seven ways, a fifth of a second each" {
    cat >program.py <<'END'
import os, selectors, signal, socket, subprocess, threading, time

def after(action):
    def run():
        time.sleep(.2)
        action()
    threading.Thread(target=run, daemon=True).start()

def wait(action, *args, **kwargs):
    before = time.monotonic_ns()
    result = action(*args, **kwargs)
    print(time.monotonic_ns() - before)
    return result

wait(time.sleep, .2)
with socket.create_server(("127.0.0.1", 0)) as server:
    after(lambda: socket.create_connection(server.getsockname()))
    wait(server.accept)
wait(subprocess.run, ["sleep", ".2"], check=True)
lock = threading.Lock()
lock.acquire()
after(lock.release)
wait(lock.acquire)
r, w = os.pipe()
after(lambda: os.write(w, b"x"))
wait(os.read, r, 1)
wait(selectors.EpollSelector().select, .2)
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, .2, .2) # again, should the first ring too early
wait(signal.pause)
END
    for mode in '' --no-syscalls; do
        "$conctrace" -q ${mode:+"$mode"} --json report.json /usr/bin/python3 program.py >measured
        /usr/bin/python3 - <<'END'
import json
with open("report.json", encoding="utf-8") as f:
    report = json.load(f)
[pid] = [p["pid"] for p in report["processes"] if p["argv"][1:] == ["program.py"] and p["start_ns"] == 0]
[main] = [t for t in report["threads"] if t["tid"] == pid]
with open("measured", encoding="utf-8") as f:
    waited = dict(zip(("sleep", "socket", "child", "lock", "pipe", "event_wait", "signal"), map(int, f)))
# on a busy machine a helper may be early and the thread itself late; its files may come from the disk
wrong = {c: ns for c, ns in main["blocked"].items() if c not in ("disk", "fault")
         and not (.1e9 < ns < waited[c] + 5e6 if c in waited else ns < 10e6)}
assert not wrong, f"{wrong} of {main['blocked']}, measured {waited}"
END
    done
}

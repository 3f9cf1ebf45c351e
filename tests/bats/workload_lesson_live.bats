# SPDX-License-Identifier: GPL-2.0-only
# docs/lesson.md: what it tells the reader to type works, and what it shows is there.

bats_require_minimum_version 1.5.0

setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    unset WORKLOAD_URL WORKLOAD_CERT SUDO_UID SUDO_GID SUDO_USER
    export PYTHONDONTWRITEBYTECODE=1
}

# quick COMMAND: the same with less work and shorter delays
quick() {
    case $1 in
    *--scenario=waiters* | *--task=sleep*) echo "$1 --speed=20" ;;
    *'/workload '*--task=[cm]*) echo "$1 --amount=20000" ;;
    *) echo "$1" ;;
    esac
}

@test "lesson: every command of the page runs, and conctrace reports on it" {
    ./conctrace doctor >/dev/null || skip 'tracing does not work here'
    local count=0 command
    while read -r command; do
        command=$(quick "$command")
        run -0 timeout 60 sh -c "$command" </dev/null
        assert_output --partial 'where the time went'
        count=$((count + 1))
    done < <(python3 workloads/lesson.py --list)
    [ "$count" -ge 20 ]
}

@test "lesson: every mode, task and scenario is on the page" {
    local name
    for name in $(./workload --list | awk '/^modes/ {k="--mode="} /^tasks/ {k="--task="} /^scen/ {k="--scenario="} /^  / {print k $1}'); do
        run -0 grep -F -- "$name" docs/lesson.md
    done
}

@test "lesson: under every command stands its output" {
    run awk '/^```console/ {n = 0; inside = 1; next} /^```/ {if (inside && n < 3) print "nothing under " last; inside = 0} inside {n++; if (n == 1) last = $0}' docs/lesson.md
    assert_output ''
}

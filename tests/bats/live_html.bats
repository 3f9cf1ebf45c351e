# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # ours are set in live.bash
# --html of live runs. Needs root.

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
}

@test "html: the page of a live run is that of its recording, byte for byte" {
    "$conctrace" -q --html "$dir/live.html" --record "$dir/run.rec" "$workload" --mode=threads --task=sleep --tasks=3 >/dev/null
    "$conctrace" report -q --html "$dir/replayed.html" "$dir/run.rec"
    cmp "$dir/live.html" "$dir/replayed.html"
    # without --record, too, there are intervals in it
    "$conctrace" -q --html "$dir/alone.html" "$workload" --mode=threads --task=sleep --tasks=3 >/dev/null
    run -0 grep -c '"coarse": false' "$dir/alone.html"
}

@test "html: commands that are compared are drawn in full, too" {
    "$conctrace" compare -q -n 1 --html "$dir/page.html" "$workload --mode=threads --task=sleep --tasks=2" "$workload --mode=serial --task=sleep --tasks=2"
    assert [ "$(grep -o '"coarse": false, "intervals": [1-9]' "$dir/page.html" | wc -l)" -eq 2 ]
}

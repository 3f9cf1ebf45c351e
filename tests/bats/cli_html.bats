# SPDX-License-Identifier: GPL-2.0-only
# --html from recordings: what the page holds and where it is written. What it looks like: tests/html. No privilege needed.

bats_require_minimum_version 1.5.0

setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    conctrace=${CONCTRACE:-./conctrace}
    dir=$BATS_TEST_TMPDIR
    recording=tests/golden/recording_v1.rec
}

# json_of CLASS FILE: what the page's elements of that class hold
json_of() {
    python3 - "$1" "$2" <<'END'
import re, sys
page = open(sys.argv[2], encoding='utf-8').read()
print('\n'.join(re.findall(r'<script type="application/json" class="%s">(.*?)</script>' % sys.argv[1], page, re.S)))
END
}

@test "html: the page of a recording holds its JSON report, and its intervals" {
    run -0 "$conctrace" report -q --html "$dir/page.html" --json "$dir/report.json" "$recording"
    json_of report "$dir/page.html" | jq -S . >"$dir/inside"
    jq -S . "$dir/report.json" | diff - "$dir/inside"
    run -0 json_of about "$dir/page.html"
    assert [ "$(jq '.intervals > 10 and .intervals == .items and (.coarse | not)' <<<"$output")" = true ]
}

@test "html: a comparison of recordings holds the intervals of each" {
    cp "$recording" "$dir/other.rec"
    run -0 "$conctrace" compare -q --html "$dir/page.html" "$recording" "$dir/other.rec"
    run -0 json_of about "$dir/page.html"
    assert [ "$(jq -s 'length == 2 and all(.intervals > 10)' <<<"$output")" = true ]
    run -0 json_of comparison "$dir/page.html"
    assert [ "$(jq -r .schema <<<"$output")" = conctrace.compare/1 ]
}

@test "html: what cannot be read twice is refused, and so are two outputs in one place" {
    run -125 bash -c "'$conctrace' report --html '$dir/page.html' - < <(cat '$recording')"
    assert_output --partial 'name a file'
    run -2 "$conctrace" report --html "$dir/x" --json "$dir/x" "$recording"
    assert_output --partial 'both go to'
    run -2 "$conctrace" compare --html "$dir/x" --json "$dir/x" "$recording" "$recording"
    assert_output --partial 'both go to'
}

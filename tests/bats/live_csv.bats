# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # set in live.bash
# The CSV table of real runs: what it says is what the JSON report says, whatever threads are called.

bats_require_minimum_version 1.5.0

setup() {
    load live.bash
    live_setup
    table=$dir/table.csv
}

same_table() {
    /usr/bin/python3 "$checks/same_as_json.py" "${1:-$table}" "$json"
}

@test "csv: every number is that of the JSON report; so is a recording's table" {
    trace --csv "$table" --record "$dir/run.rec" "$programs/family"
    same_table
    "$conctrace" report -q --csv - "$dir/run.rec" >"$dir/again.csv"
    cmp "$table" "$dir/again.csv"
    # and this can refuse
    sed 's/\(.*,[0-9]*\)\([0-9]\),/\1x\2,/' "$table" >"$dir/other.csv"
    run -1 same_table "$dir/other.csv"
    sed '$d' "$table" >"$dir/other.csv"
    run -1 same_table "$dir/other.csv"
    trace --no-syscalls --csv "$table" "$programs/messaging" 1 50
    same_table
    says '[.threads[].user_ns] | all(. == null)'
}

@test "csv: names of any bytes stay text, and no formula" {
    trace --csv "$table" "$programs/names" '=cmd()' '+1' '-1' '@x' $'\t=1' $'\r=1' 'a,"b' $'two\nlines' $'\xff\xc3(' \
        $'\e[31m' 'a;=1' 'a-b' "'" $'x\xe2\x80\xaey' ''
    same_table
    grep -qF ",\"'=cmd()\"," "$table"
    grep -qF ',"a,""b",' "$table"
    grep -qF ",\"a;'=1\"," "$table"
    grep -qF ',"a-b",' "$table"
    run ! grep -q $'\e' "$table"
    run ! grep -qE ',"?[=+@]' "$table"
    run ! grep -aqE ',"-' "$table"
    iconv -f UTF-8 -t UTF-8 "$table" >/dev/null
}

@test "csv: compare has none, and says where its numbers are" {
    run -2 "$conctrace" compare --csv "$table" true false
    assert_output --partial '--json'
    [ ! -e "$table" ]
    run -2 "$conctrace" --csv "$table" --json "$table" touch "$dir/ran"
    [ ! -e "$dir/ran" ]
}

# SPDX-License-Identifier: GPL-2.0-only
# The documents against the program: options, keys, kinds, causes, version, links. No privilege needed.
# Each check is a function of files, so that it can be shown to refuse: a fault is planted in a copy.

bats_require_minimum_version 1.5.0

setup() {
    load '/usr/lib/bats/bats-support/load'
    load '/usr/lib/bats/bats-assert/load'
    conctrace=${CONCTRACE:-./conctrace}
    dir=$BATS_TEST_TMPDIR
}

# same_lists WHAT FILE FILE: prints what is in one only
same_lists() {
    [ -s "$2" ] && [ -s "$3" ] || { echo "no $1 found in ${2##*/} or ${3##*/}" && return 1; }
    diff --suppress-common-lines "$2" "$3" || { echo "$1 differ: ${2##*/} (<), ${3##*/} (>)" && return 1; }
}

# has_all FILE WORD...: each stands in the file as `code`, or as the last part of `a.b`
has_all() {
    local word missing=0
    [ $# -gt 3 ] || { echo "too few words to look for: ${*:2}" && return 1; }
    for word in "${@:2}"; do
        grep -qE "\`([a-z_]+(\[\])?\.)*$word\`" "$1" || { echo "$1 says nothing of $word" && missing=1; }
    done
    return $missing
}

# ---- options ----

# Those of the list in --help: what stands before the first gap of two blanks, as `-x` and `--name`.
options_of_help() {
    sed -nE 's/^  +(-.*)/\1/p' "$1" | sed -E 's/  .*//; s/,/ /g' | tr -s ' ' '\n' | grep -E '^-' | sort -u
}

# Those that head an entry of OPTIONS in the manual page's source.
options_of_manual() {
    sed -n '/^\.SH OPTIONS/,/^\.SH [^O]/p' "$1" | grep -A1 -E '^\.TP' | grep -vE '^(\.TP|--$)' |
        sed -E 's/\\-/-/g; s/\\f[A-Z]/ /g; s/[",]/ /g' | tr -s ' ' '\n' | grep -E '^--?[a-zA-Z]' | sort -u
}

check_options() { # HELP MANUAL
    options_of_help "$1" >"$dir/help.options"
    options_of_manual "$2" >"$dir/manual.options"
    same_lists options "$dir/help.options" "$dir/manual.options"
}

@test "docs: --help and the manual page have the same options" {
    "$conctrace" --help >"$dir/help"
    check_options "$dir/help" docs/conctrace.1
    grep -qx -- '--no-syscalls' "$dir/help.options" && grep -qx -- '-v' "$dir/manual.options"

    sed '/^\.B \\-\\-no\\-syscalls/,+1d' docs/conctrace.1 >"$dir/short.1"
    run -1 check_options "$dir/help" "$dir/short.1"
    assert_output --partial '< --no-syscalls'
    { cat "$dir/help" && echo '      --fancy FILE       not in the manual'; } >"$dir/long"
    run -1 check_options "$dir/long" docs/conctrace.1
    assert_output --partial '< --fancy'
    sed 's/^\.SH REPORT/.TP\n.B \\-z\nOnly here.\n&/' docs/conctrace.1 >"$dir/more.1"
    run -1 check_options "$dir/help" "$dir/more.1"
    assert_output --partial '> -z'
}

@test "docs: the manual pages render without a warning" {
    command -v groff >/dev/null || skip 'groff is not installed'
    # troff goes on after a warning, and its exit status does not tell
    for page in docs/*.1; do
        run -0 --separate-stderr groff -ww -man -Tutf8 "$page"
        assert_equal "$stderr" ''
    done
    { cat docs/conctrace.1 && echo '.NOSUCHMACRO'; } >"$dir/bad.1"
    run --separate-stderr groff -ww -man -Tutf8 "$dir/bad.1"
    assert [ -n "$stderr" ]
}

# ---- metrics.md ----

# TIMES: what a thread and the summary share, and the parts of it
keys_of_times() {
    jq -r '. as $s
        | def deref: if has("$ref") then (."$ref" | ltrimstr("#/") | split("/")) as $p | $s | getpath($p) else . end;
        .properties.summary.properties as $sum | .properties.threads.items.properties as $thread
        | ($sum | keys[]) | select(in($thread)) as $key
        | $key, (($sum[$key] | deref | .properties // {}) | keys[])' "$1"
}

@test "docs: metrics.md has every key of TIMES" {
    mapfile -t keys < <(keys_of_times docs/report.schema.json)
    [[ " ${keys[*]} " == *' running_ns '*' event_wait '* || " ${keys[*]} " == *' event_wait '*' running_ns '* ]]
    has_all docs/metrics.md "${keys[@]}"

    sed 's/`demand`//; s/`irq_ns`//g' docs/metrics.md >"$dir/metrics.md"
    run -1 has_all "$dir/metrics.md" "${keys[@]}"
    assert_output "$dir/metrics.md says nothing of irq_ns"
}

# members_of LIST FILE: second members of X(UPPER, lower...) in #define LIST(X)
members_of() {
    sed -n "/^#define $1(X)/,/[^\\\\]\$/p" "$2" | sed -nE 's/.*X\([A-Z_]+, ([a-z_]+).*/\1/p'
}

@test "docs: metrics.md has every kind of record, state, cause and table" {
    for list in CT_EVENT_KINDS CT_RUNNABLE CT_CAUSES; do
        mapfile -t words < <(members_of $list bpf/event_kinds.h)
        has_all docs/metrics.md "${words[@]}"
    done
    [ "${#words[@]}" -eq "$(jq '.definitions | [.. | objects | select(has("event_wait"))] | first | length' docs/report.schema.json)" ]

    sed -E 's/^( *X\()(SIGNAL, signal)/\1PLANTED, planted, "x") \\\n X(\2/' bpf/event_kinds.h >"$dir/kinds.h"
    mapfile -t words < <(members_of CT_CAUSES "$dir/kinds.h")
    run -1 has_all docs/metrics.md "${words[@]}"
    assert_output 'docs/metrics.md says nothing of planted'
}

@test "docs: metrics.md has every system call of the table of causes" {
    mapfile -t calls < <(sed -nE 's/^ *\{"([a-z0-9_]+)", CT_.*/\1/p' user/source/waits.c)
    [ "${#calls[@]}" -gt 50 ]
    has_all docs/metrics.md "${calls[@]}"
}

# names_tests FILE: every test file it names is there
names_tests() {
    local name missing=0
    while read -r name; do
        [ -n "$(find tests -name "$name")" ] || { echo "$1 names $name, which is not there" && missing=1; }
    done < <(grep -oE '[a-z_]+\.(bats|py)|test_[a-z_]+\.c' "$1" | sort -u)
    return $missing
}

@test "docs: the tests that the documents name are there" {
    names_tests docs/metrics.md
    names_tests docs/architecture.md
    echo 'checked by live_never.bats' >"$dir/x.md"
    run -1 names_tests "$dir/x.md"
}

# ---- changelog ----

check_version() { # CHANGELOG VERSION_H
    local heading version
    heading=$(grep -E '^## ' "$1" | grep -m 1 -vF '[Unreleased]')
    version=$(sed -nE 's/^#define CT_VERSION "(.*)"/\1/p' "$2")
    [[ $heading =~ ^'## ['([0-9.]+)'] - '[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]] || { echo "not a release: $heading" && return 1; }
    [ "${BASH_REMATCH[1]}" = "$version" ] || { echo "$heading, but CT_VERSION is $version" && return 1; }
}

@test "docs: the newest release in CHANGELOG.md is CT_VERSION" {
    check_version CHANGELOG.md user/base/version.h
    [[ $(grep -m 1 -E '^## ' CHANGELOG.md) == '## [Unreleased]' ]]
    run -0 "$conctrace" --version
    assert_output --partial "$(sed -nE 's/^#define CT_VERSION "(.*)"/\1/p' user/base/version.h)"

    echo '#define CT_VERSION "9.9.9"' >"$dir/version.h"
    run -1 check_version CHANGELOG.md "$dir/version.h"
    assert_output --partial 'CT_VERSION is 9.9.9'
}

# ---- links ----

# GitHub's name for a heading
anchors_of() {
    grep -E '^#+ ' "$1" | sed -E 's/^#+ +//; s/.*/\L&/; s/[^a-z0-9 _-]//g; s/ /-/g'
}

check_links() { # FILE...
    local file target path anchor bad=0
    for file in "$@"; do
        while read -r target; do
            case $target in *://* | mailto:*) continue ;; esac
            path=${target%%#*} anchor=
            [[ $target != *'#'* ]] || anchor=${target#*#}
            [ -n "$path" ] && path=$(dirname "$file")/$path || path=$file
            if [ ! -e "$path" ]; then
                echo "$file: $target is not there" && bad=1
            elif [ -n "$anchor" ] && ! anchors_of "$path" | grep -qxF -- "$anchor"; then
                echo "$file: $target: no such heading" && bad=1
            fi
        done < <(grep -oE '\]\([^) ]+\)|^\[[^]]+\]: *[^ ]+' "$file" | sed -E 's/^\]\(//; s/\)$//; s/^\[[^]]+\]: *//')
    done
    return $bad
}

@test "docs: every link to a file or a heading leads somewhere" {
    mapfile -t files < <(find . -name '*.md' -not -path './build/*' -not -path './.git/*' -not -path '*/node_modules/*')
    [ "${#files[@]}" -ge 4 ]
    check_links "${files[@]}"

    printf '# One heading\n[a](#one-heading) [b](gone.md) [c](#other) [d](https://example.org/x)\n' >"$dir/x.md"
    run -1 check_links "$dir/x.md"
    assert_output "$dir/x.md: gone.md is not there
$dir/x.md: #other: no such heading"
}

# ---- findings.md ----

# NAME VALUE of each limit, by finding: of the sources as #define, of the page as table rows
limits_of_sources() { # FOLDER
    local file name
    for file in "$1"/finding_*.c "$1"/contest.c; do
        sed -nE 's/^#define ([A-Z_]+) +([0-9.]+)(ULL)?( .*)?$/\1 \2/p' "$file" |
            awk '/_NS / { $2 = $2 >= 1e6 ? $2 / 1e6 " ms" : $2 / 1e3 " us" } { print }'
    done | sort
}

limits_of_page() { # FILE
    sed -nE 's/^\| `([A-Z_]+)` \| ([^|]+) \|.*/\1 \2/p' "$1" | sort
}

check_limits() { # FOLDER PAGE
    limits_of_sources "$1" >"$dir/sources.limits"
    limits_of_page "$2" >"$dir/page.limits"
    same_lists limits "$dir/sources.limits" "$dir/page.limits"
}

check_sections() { # RESULT.H PAGE
    sed -nE '/define CT_FINDINGS\(X\)/,/^enum/s/.*X\([A-Z_]+, "([a-z-]+)"\).*/\1/p' "$1" >"$dir/ids"
    sed -nE 's/^## ([a-z-]+)$/\1/p' "$2" >"$dir/sections"
    same_lists findings "$dir/ids" "$dir/sections"
}

@test "docs: findings.md has a section for each finding, and all limits as they are" {
    check_limits user/analysis docs/findings.md
    check_sections user/core/result.h docs/findings.md
    [ "$(wc -l <"$dir/ids")" -eq 11 ]

    sed 's/| `TAIL` | 0.25 |/| `TAIL` | 0.2 |/' docs/findings.md >"$dir/page.md"
    run -1 check_limits user/analysis "$dir/page.md"
    assert_output --partial '> TAIL 0.2'
    mkdir "$dir/sources"
    sed 's/^#define SHORT_NS .*/#define SHORT_NS 30000000ULL/' user/analysis/finding_spawn_overhead.c >"$dir/sources/finding_spawn_overhead.c"
    cp user/analysis/contest.c "$dir/sources"
    run -1 check_limits "$dir/sources" docs/findings.md
    assert_output --partial '< SHORT_NS 30 ms'
    grep -v '^## imbalance' docs/findings.md >"$dir/page.md"
    run -1 check_sections user/core/result.h "$dir/page.md"
    assert_output --partial '< imbalance'
}

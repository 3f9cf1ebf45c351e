#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Formatters, linters, both compilers with warnings as errors, headers that stand alone, floors.
#   lint.sh            all of them
#   lint.sh NAME       one; exit 77: its tool is absent, or of another version than the rules were
#                      written for (a formatter's taste changes from version to version)
#   lint.sh --list     their names
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

CLANG=${CLANG:-clang}
names=(format gcc clang headers floors tidy cppcheck shellcheck)
defines=(-std=c11 -D_GNU_SOURCE= -I. -Iworkloads -isystem build/gen)
warnings=(-Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wformat=2 -Wvla)

mapfile -t programs < <(find user workloads -name '*.c' | sort)
mapfile -t units < <(find user workloads tests/unit tests/harness -name '*.c' | sort)
mapfile -t headers < <(find user bpf workloads tests -name '*.h' ! -name '*.bpf.h' ! -path bpf/kernel_types.h | sort)
mapfile -t written < <(find user bpf workloads tests -name '*.[ch]' | sort)
mapfile -t scripts < <({ grep -rlE '^#!/(usr/)?bin/(env )?(ba)?sh' scripts tests .ci; } | sort)

absent() {
    printf 'skipped: %s\n' "$1"
    exit 77
}

# tool NAME MAJOR: the tool of that major version, under either name
tool() {
    local t
    for t in "$1-$2" "$1"; do
        command -v "$t" >/dev/null && "$t" --version | grep -qE "version $2\." && printf '%s' "$t" && return
    done
    return 1
}

lint_format() {
    local t
    t=$(tool clang-format 14) || absent 'clang-format 14 is not installed'
    "$t" --dry-run -Werror "${written[@]}"
}

compile() { # compile CC FILE...
    local cc=$1 f bad=0
    shift
    for f in "$@"; do
        "$cc" "${defines[@]}" "${warnings[@]}" -O2 -fsyntax-only "$f" || bad=1
    done
    return $bad
}

lint_gcc() {
    command -v gcc >/dev/null || absent 'gcc is not installed'
    compile gcc "${units[@]}"
}

lint_clang() {
    command -v "$CLANG" >/dev/null || absent 'clang is not installed'
    compile "$CLANG" "${units[@]}"
}

# Each header compiles alone. Those of the vocabulary ask their includer for the fixed-width types.
lint_headers() {
    local h bad=0
    for h in "${headers[@]}"; do
        printf '#include <linux/types.h>\n#include "%s"\n' "$h" |
            "${CC:-gcc}" "${defines[@]}" -Wall -Wextra -Werror -fsyntax-only -x c - || {
            printf '%s does not stand alone\n' "$h"
            bad=1
        }
    done
    return $bad
}

# A file includes what is on its own floor or lower: bpf, base, core, report | source, cli.
lint_floors() {
    local bad=0 floor allowed
    for floor in base:'base' core:'base|core' analysis:'base|core|analysis' report:'base|core|report' source:'base|core|source'; do
        allowed=${floor#*:}
        floor=${floor%%:*}
        grep -nE '^#include "user/' "user/$floor"/*.[ch] 2>/dev/null | grep -vE "\"user/($allowed)/" && bad=1
    done
    grep -nE '^#include "(user|bpf)/' workloads/*.[ch] && bad=1
    grep -nE 'bpf/(libbpf|bpf)\.h|skel\.h' -r user --include='*.[ch]' | grep -v '^user/source/' && bad=1
    [ $bad -eq 0 ] || echo 'these include what is above their floor'
    return $bad
}

lint_tidy() {
    local t
    t=$(tool clang-tidy 14) || absent 'clang-tidy 14 is not installed'
    "$t" --quiet --warnings-as-errors='*' \
        --checks='-*,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,-bugprone-reserved-identifier,-bugprone-implicit-widening-of-multiplication-result,-bugprone-assignment-in-if-condition,-bugprone-suspicious-string-compare,clang-analyzer-*,-clang-analyzer-valist.Uninitialized,-clang-analyzer-optin.performance.Padding,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,misc-redundant-expression,performance-*' \
        "${programs[@]}" -- "${defines[@]}" 2>/dev/null
}

lint_cppcheck() {
    command -v cppcheck >/dev/null || absent 'cppcheck is not installed'
    cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability \
        --inline-suppr --suppress=missingInclude --suppress=missingIncludeSystem \
        -D_GNU_SOURCE= -D__x86_64__ -I. -Iworkloads user workloads
}

lint_shellcheck() {
    command -v shellcheck >/dev/null || absent 'shellcheck is not installed'
    shellcheck "${scripts[@]}"
}

case ${1:-} in
--list)
    printf '%s\n' "${names[@]}"
    ;;
'')
    status=0
    for name in "${names[@]}"; do
        printf '  %-10s ' "$name"
        output=$("$0" "$name" 2>&1)
        case $? in
        0) echo ok ;;
        77) printf '%s\n' "$output" ;;
        *)
            printf 'FAILED\n%s\n' "$output"
            status=1
            ;;
        esac
    done
    exit $status
    ;;
*)
    "lint_$1"
    ;;
esac

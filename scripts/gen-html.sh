#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Puts the page of the HTML report together, for html.c: user/report/html/ with its styles and scripts
# inside, and a policy that names their hashes. On standard output: what stands before and behind a run's data.
#   gen-html.sh FOLDER
set -euo pipefail
folder=$1
LC_ALL=C

styles=$(cat "$folder"/*.css)
scripts=$(cat "$folder"/*.js)

# hash TEXT: as a policy names it
hash() {
    local hex
    hex=$(printf '%s' "$1" | sha256sum)
    # shellcheck disable=SC2001,SC2059 # each pair of digits becomes a byte
    printf "$(sed 's/../\\x&/g' <<<"${hex%% *}")" | base64 -w0
}

# bytes NAME: standard input as an array
bytes() {
    printf 'static const unsigned char %s[] = {\n' "$1"
    od -An -v -tu1 | sed -E 's/ *([0-9]+)/\1,/g'
    printf '};\n'
}

case $styles$scripts in
*'</s'*) echo 'gen-html.sh: a style or script would end its own element' >&2 && exit 1 ;;
esac

page=$(cat "$folder/page.html")
page=${page//@STYLE_HASH@/$(hash "$styles")}
page=${page//@SCRIPT_HASH@/$(hash "$scripts")}
before=${page%%@DATA@*}
after=${page#*@DATA@}
echo '/* NOLINTBEGIN: generated */'
{ printf '%s' "${before%%@STYLE@*}" && printf '%s' "$styles" && printf '%s' "${before#*@STYLE@}"; } | bytes ct_html_before
{ printf '%s' "${after%%@SCRIPT@*}" && printf '%s' "$scripts" && printf '%s' "${after#*@SCRIPT@}"; } | bytes ct_html_after
echo '/* NOLINTEND */'

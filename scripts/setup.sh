#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Installs what is missing of the distribution's own packages, and nothing else.
#   setup.sh GROUP...      build: to build and run; test: to run all tests besides
# Plain sh: on a bare machine nothing but the distribution's base system is there yet.
set -eu

build='gcc libc6-dev make pkg-config clang libbpf-dev libelf-dev libdw-dev zlib1g-dev libzstd-dev bpftool libcurl4-openssl-dev
       libmicrohttpd-dev libgnutls28-dev'
test='libcmocka-dev bats bats-support bats-assert perl-base groff-base libcap2-bin jq python3 python3-jsonschema
      util-linux bsdutils procps psmisc strace openssl sqlite3 xz-utils valgrind libc6-dbg clang-format clang-tidy libclang-rt-dev
      cppcheck shellcheck nodejs npm chromium'

say() { printf 'setup: %s\n' "$*"; }

other_distribution() {
    cat <<'END'
setup: this is neither Debian nor Ubuntu; please install the following yourself, then run `make && scripts/demo.sh`
       or `make check`:
  dnf:    gcc make pkgconf clang libbpf-devel elfutils-devel libzstd-devel bpftool libcurl-devel libmicrohttpd-devel gnutls-devel;
          tests: libcmocka-devel bats jq python3-jsonschema valgrind openssl sqlite xz clang-tools-extra cppcheck ShellCheck
  pacman: gcc make pkgconf clang libbpf libelf zstd bpf curl libmicrohttpd gnutls;
          tests: cmocka bash-bats bats-support bats-assert perl-base groff-base libcap2-bin jq python-jsonschema valgrind openssl sqlite xz cppcheck shellcheck
  zypper: gcc make pkg-config clang libbpf-devel libdw-devel libzstd-devel bpftool libcurl-devel libmicrohttpd-devel gnutls-devel;
          tests: libcmocka-devel bats jq python3-jsonschema valgrind openssl sqlite3 xz cppcheck ShellCheck
END
    exit 1
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    other_distribution
fi

missing=
for group in "$@"; do
    case $group in
    build) names=$build ;;
    test) names=$test ;;
    *) say "no group '$group'" && exit 2 ;;
    esac
    for name in $names; do
        installed "$name" && continue
        # Ubuntu ships bpftool with the kernel's tools.
        if [ "$name" = bpftool ] && { command -v bpftool || [ -x /usr/sbin/bpftool ]; } >/dev/null; then
            continue
        fi
        # Node.js from elsewhere brings its own npm, and the two exclude one another.
        if [ "$name" = npm ] && command -v npm >/dev/null; then
            continue
        fi
        missing="$missing $name"
    done
done
if [ -z "$missing" ]; then
    say 'all packages are there'
    exit 0
fi
say "missing:$missing"
if [ "$(id -u)" -ne 0 ]; then
    say 'only root can install them: use sudo'
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null; }
known() { apt-cache show "$1" >/dev/null 2>&1; }

# Lists are fetched only if they are absent or turn out too old.
if ! known libbpf-dev || ! known bats; then
    say 'updating the package lists'
    apt update >/dev/null
fi
chosen=
for name in $missing; do
    # Where clang is not split so, the fuzzer's library comes with it.
    if [ "$name" = libclang-rt-dev ] && ! known "$name"; then
        continue
    fi
    # Ubuntu has Chromium as a snap only: without it the tests of the HTML report are skipped.
    if [ "$name" = chromium ] && ! apt-get -s install chromium >/dev/null 2>&1; then
        continue
    fi
    if [ "$name" = bpftool ] && ! apt-get -s install bpftool >/dev/null 2>&1; then
        name='linux-tools-common linux-tools-generic'
    fi
    chosen="$chosen $name"
done
say "installing:$chosen"
# shellcheck disable=SC2086 # names are words
install() { apt install -y --no-install-recommends $chosen; }
if ! install >/dev/null 2>&1; then
    say 'once more, with fresh package lists'
    apt update
    install
fi
say 'done'

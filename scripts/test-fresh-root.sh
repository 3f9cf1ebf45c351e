#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Proves the README's two commands on a bare Debian: a fresh root made by debootstrap, in it nothing but
# git, make and sudo, a fresh clone of the last commit, this machine's kernel. Needs root, debootstrap,
# and about 2 GB. The package mirror and its proxies are those of this machine.
#   scripts/test-fresh-root.sh [TARGET...]     default: demo test
set -euo pipefail
cd "$(dirname "$0")/.."

release=${RELEASE:-bookworm}
root=$(mktemp -d "${TMPDIR:-/var/tmp}/conctrace-root.XXXXXX")
chmod 755 "$root" # the package manager's own user must get in
[ $# -gt 0 ] || set -- demo test

# The base archive this machine itself uses, in either of apt's two formats.
mirror() {
    find /etc/apt \( -name '*.list' -o -name '*.sources' \) -exec cat {} + |
        sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb +(\[[^]]*\] +)?([^ ]+) .*/\2/p' |
        grep -E '/debian/?$' | head -n 1
}

# shellcheck disable=SC2317 # called by the trap
clean() {
    local place
    for place in sys dev proc; do
        if mountpoint -q "$root/$place"; then umount -R -l "$root/$place"; fi
    done
    if [ -n "${KEEP:-}" ] || grep -q " $root/" /proc/mounts; then
        echo "kept: $root"
    else
        rm -rf --one-file-system "$root"
    fi
}
trap clean EXIT

from=${MIRROR:-$(mirror)}
[ -n "$from" ] || {
    echo 'no Debian mirror in the configuration of apt; set MIRROR' >&2
    exit 1
}
echo "== debootstrap $release"
debootstrap --variant=minbase --include=git,make,sudo,ca-certificates "$release" "$root" "$from" >"$root.log" 2>&1 || {
    tail -n 20 "$root.log"
    exit 1
}
rm -f "$root.log"
cp /etc/resolv.conf "$root/etc/resolv.conf"
for file in /etc/apt/apt.conf.d/*; do
    if grep -qsi proxy "$file"; then cp "$file" "$root/etc/apt/apt.conf.d/"; fi
done
for place in proc sys dev; do mount --rbind "/$place" "$root/$place" && mount --make-rslave "$root/$place"; done

git clone -q --no-hardlinks . "$root/root/conctrace"
status=0
for target in "$@"; do
    echo "== sudo make $target"
    began=$SECONDS
    # No standard input, no environment of ours: a stranger's first minute.
    # shellcheck disable=SC2016 # $1 is for the inner shell
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
        ${http_proxy:+http_proxy="$http_proxy"} \
        chroot "$root" sh -c 'cd /root/conctrace && sudo make "$1"' - "$target" </dev/null || status=$?
    echo "== sudo make $target: status $status, $((SECONDS - began)) s"
    [ "$status" -eq 0 ] || break
done
exit "$status"

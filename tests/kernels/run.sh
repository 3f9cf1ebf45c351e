#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Other kernels, and more CPUs than this machine has: boots the distribution's own kernels in an emulator,
# from a RAM disk that holds conctrace, the demo and a few programs, and holds the accounts to the
# kernel's own there. Run by `make test-kernels`, as root for the packages; needs no other privilege.
#   run.sh [PACKAGE[:CPUS]]...     default: 6.1, 6.1-rt and 6.12 of Debian 12, with 1, 4 and 16 CPUs
# The packages are fetched by apt-get into build/kernels, and unpacked there, not installed.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

work=build/kernels
mkdir -p "$work"
passed=0 failed=0

newest() { # newest PATTERN: the newest package whose name matches
    apt-cache pkgnames | grep -xE "$1" | sort -V | tail -n 1
}

kernel_of() { # kernel_of PACKAGE: the path of its kernel image
    local dir=$work/$1 image
    if [ ! -d "$dir/boot" ]; then
        mkdir -p "$dir"
        (cd "$work" && apt-get -qq download "$1" >/dev/null 2>&1) || return 1
        dpkg-deb --fsys-tarfile "$work/$1"_*.deb | tar -x -C "$dir" ./boot || return 1
        rm -f "$work/$1"_*.deb
    fi
    for image in "$dir"/boot/vmlinuz-*; do
        [ -e "$image" ] && printf '%s' "$image"
    done
}

ram_disk() { # the same for all kernels
    local root=$work/root file
    rm -rf "$root"
    mkdir -p "$root"/{bin,etc,proc,sys,dev,tmp,root}
    cp "$(command -v busybox)" "$root/bin/busybox"
    cp conctrace workload build/tests/{family,hop,crowd,contend,messaging,waits} tests/kernels/inside.sh "$root/bin/"
    for file in "$root"/bin/{conctrace,workload,hop}; do
        ldd "$file" | grep -oE '/[^ ]+'
    done | sort -u | while read -r file; do
        mkdir -p "$root$(dirname "$file")"
        cp -L "$file" "$root$file"
    done
    echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
    echo 'root:x:0:' >"$root/etc/group"
    printf '#!/bin/busybox sh\n/bin/busybox --install -s /bin\nexec /bin/sh /bin/inside.sh\n' >"$root/init"
    chmod 755 "$root/init"
    (cd "$root" && find . | cpio -o -H newc --quiet) | gzip -1 >"$work/ram-disk.gz"
}

# The emulated counters of all CPUs are the host's one, but the guest, which is often held up, takes them
# for unstable; its scheduler's clocks then drift apart by tenths of a second (tsc=reliable).
# All in one thread of the host: with one for each CPU, a kernel that patches its code while others run it
# (as it does whenever a tracepoint gets its first or loses its last user) may meet a breakpoint that
# it has just taken away, and dies or hangs of it.
boot() { # boot IMAGE CPUS: what the machine prints
    timeout 1500 qemu-system-x86_64 -accel tcg,thread=single -cpu max -smp "$2" -m 1500 -nographic -no-reboot \
        -kernel "$1" -initrd "$work/ram-disk.gz" -append 'console=ttyS0 quiet panic=1 tsc=reliable' </dev/null 2>&1 | tr -d '\r'
}

try() { # try PACKAGE CPUS
    local package=$1 cpus=$2 image log=$work/$1-$2.log ok bad
    image=$(kernel_of "$package")
    if [ -z "$image" ]; then
        printf '  %-44s not to be had\n' "$package"
        failed=$((failed + 1))
        return
    fi
    boot "$image" "$cpus" >"$log"
    ok=$(grep -c '^ok ' "$log")
    bad=$(grep -c '^not ok ' "$log")
    # a machine that never came to its end has failed, whatever it said before
    grep -q '^done$' "$log" || bad=$((bad + 1))
    passed=$((passed + ok)) failed=$((failed + bad))
    printf '  %-44s %2d CPUs %3d passed' "$package" "$cpus" "$ok"
    [ "$bad" -gt 0 ] && printf ', %d FAILED (%s)' "$bad" "$log"
    printf '\n'
    grep '^not ok ' "$log" | sed 's/^/    /'
    return 0
}

for tool in qemu-system-x86_64 busybox cpio apt-get; do
    command -v "$tool" >/dev/null || {
        echo "$tool is not installed: on Debian, sudo apt-get install qemu-system-x86 busybox-static cpio" >&2
        exit 1
    }
done
if [ $# -eq 0 ]; then
    cloud=$(newest 'linux-image-6\.1\.0-[0-9]+-cloud-amd64')
    rt=$(newest 'linux-image-6\.1\.0-[0-9]+-rt-amd64')
    later=$(newest 'linux-image-6\.12\.[0-9]+(\+deb12|\+bpo)?-cloud-amd64')
    set -- "$cloud:1" "$cloud:4" "$rt:4" "${later:-linux-image-6.12-cloud-amd64}:16"
fi
ram_disk || exit 1
for machine in "$@"; do
    cpus=${machine#*:}
    [ "$cpus" != "$machine" ] || cpus=4
    try "${machine%%:*}" "$cpus"
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

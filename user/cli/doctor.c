/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The doctor: a table of checks, one row each. The last row is the proof (the probes are loaded and
 * taken out again), the others say why it may have failed. Floor 4.
 */
#include "user/cli/doctor.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/capability.h>

#include "user/base/log.h"
#include "user/cli/exits.h"
#include "user/source/capture.h"

#define WORDS 512

struct finding {
    bool ok;
    char is[WORDS];   /* what was found */
    char mend[WORDS]; /* what to do, if not ok */
};

struct check {
    const char *name;
    void (*look)(struct finding *f);
};

static void look_kernel(struct finding *f)
{
    struct utsname name;
    unsigned major = 0, minor = 0;

    uname(&name);
    snprintf(f->is, WORDS, "Linux %s, %s", name.release, name.machine);
    f->ok = sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
            (major > 6 || (major == 6 && minor >= 1));
    snprintf(f->mend, WORDS, "older than any kernel this was tested on; use Linux 6.1 or newer");
}

static void look_types(struct finding *f)
{
    f->ok = access("/sys/kernel/btf/vmlinux", R_OK) == 0;
    snprintf(f->is, WORDS, "/sys/kernel/btf/vmlinux%s", f->ok ? "" : " cannot be read");
    snprintf(f->mend, WORDS,
             "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as distributions' are; in a "
             "container, mount /sys");
}

static bool has_capability(unsigned cap)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};

    if (syscall(SYS_capget, &head, data))
        return false;
    return data[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap);
}

static void look_privileges(struct finding *f)
{
    bool admin = has_capability(CAP_SYS_ADMIN);
    bool bpf = has_capability(CAP_BPF), perfmon = has_capability(CAP_PERFMON);

    f->ok = admin || (bpf && perfmon);
    if (geteuid() == 0 && f->ok)
        snprintf(f->is, WORDS, "root");
    else
        snprintf(f->is, WORDS, "%scap_bpf, %scap_perfmon%s", bpf || admin ? "" : "no ",
                 perfmon || admin ? "" : "no ", geteuid() == 0 ? ", though root" : "");
    snprintf(f->mend, WORDS, "%s",
             geteuid() == 0 ? "this container withholds them: start it with --privileged, or with "
                              "--cap-add BPF --cap-add PERFMON"
                            : "use sudo, or once: sudo setcap cap_bpf,cap_perfmon+ep conctrace");
}

static void look_lockdown(struct finding *f)
{
    char line[128] = "";
    FILE *file = fopen("/sys/kernel/security/lockdown", "re");

    if (file) {
        if (!fgets(line, sizeof(line), file))
            line[0] = '\0';
        fclose(file);
    }
    line[strcspn(line, "\n")] = '\0';
    f->ok = !strstr(line, "[confidentiality]");
    snprintf(f->is, WORDS, "%s", *line ? line : "not in use");
    snprintf(f->mend, WORDS, "boot with lockdown=integrity or lockdown=none");
}

static void look_probes(struct finding *f)
{
    struct ct_capture_options all = {.attach = true, .syscalls = true};
    struct ct_capture *capture;

    f->ok = ct_capture_open(&capture, &all, f->mend, WORDS) == 0;
    if (f->ok)
        ct_capture_free(capture);
    snprintf(f->is, WORDS, f->ok ? "loaded, armed and removed again" : "not loaded");
}

static const struct check checks[] = {
    {"kernel", look_kernel},     {"type information", look_types}, {"privileges", look_privileges},
    {"lockdown", look_lockdown}, {"probes", look_probes},
};

int ct_doctor(void)
{
    bool can = false;

    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        struct finding f = {.ok = false};

        checks[i].look(&f);
        printf("%-18s %-8s %s\n", checks[i].name, f.ok ? "OK" : "missing", f.is);
        if (!f.ok)
            printf("%-18s          mend: %s\n", "", f.mend);
        can = f.ok; /* the last one is the proof; an older kernel may do all the same */
    }
    printf("\n%s\n", can ? "Tracing works here." : "Tracing does not work here.");
    if (fflush(stdout)) {
        ct_say("cannot write to standard output: %m");
        return CT_EXIT_FAILED;
    }
    return can ? 0 : 1;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "descriptors.h"

#include <sys/resource.h>

/* A failure shows where a socket cannot be opened, with a better message than could be given here.
 */
void wl_limits_raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit))
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

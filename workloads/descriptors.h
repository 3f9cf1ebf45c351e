/* SPDX-License-Identifier: GPL-2.0-only */
/* What the system allows this process. */
#ifndef WL_DESCRIPTORS_H
#define WL_DESCRIPTORS_H

/* As many descriptors as may be had: a socket for each fetch at once is more than is usual. */
void wl_limits_raise_descriptors(void);

#endif

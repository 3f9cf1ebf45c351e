/* SPDX-License-Identifier: GPL-2.0-only */
/* --list: every mode, task and scenario with a line each, from the rows that define them. */
#ifndef WL_LIST_H
#define WL_LIST_H

void wl_list_print(void);

#endif

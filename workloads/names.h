/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names that a user may mistype: the nearest right one. A list of names is a function from an
 * index to a name, NULL behind the last, so that any table can offer its names without a copy.
 */
#ifndef WL_NAMES_H
#define WL_NAMES_H

#include <stddef.h>

typedef const char *wl_name_at(size_t index);

/* The name that takes the fewest edits to reach from wrong; NULL only for an empty list. */
const char *wl_name_nearest(const char *wrong, wl_name_at *name_at);

#endif

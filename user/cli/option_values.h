/* SPDX-License-Identifier: GPL-2.0-only */
/* The values that options take, each from its word: 0, or -EINVAL after one line on standard error.
 */
#ifndef CT_OPTION_VALUES_H
#define CT_OPTION_VALUES_H

#include "user/cli/options.h"

int ct_option_color(enum ct_color *out, const char *value);
/* Bytes, or with a suffix K, M or G. The kernel wants a power of two of whole pages. */
int ct_option_ring(uint32_t *out, const char *value);
/* Numbers with commas between them; a process named twice is meant once. */
int ct_option_pids(struct ct_options *o, const char *value);
/* Seconds, to nanoseconds. */
int ct_option_time(uint64_t *out, const char *value);
/* A time of the run: 1.5 (seconds), 3s, 1500ms, 20us, 7ns. */
int ct_option_moment(uint64_t *out, const char *shown, const char *value);
/* Adds the numbers of processes or threads, with commas between them, to all[CT_CHOICE_MAX]. */
int ct_option_numbers(uint32_t *all, size_t *cnt, const char *shown, const char *value);
/* A number from 1 to 10000. shown: the option as the user wrote it. */
int ct_option_count(uint32_t *out, const char *shown, const char *value);
/* A name, and its values with commas between them (NULL: they are missing). */
int ct_option_list(struct ct_options *o, const char *name, const char *values);

#endif

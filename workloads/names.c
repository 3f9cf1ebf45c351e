/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The distance is the number of letters to insert, delete, replace or swap with their neighbour.
 * A prefix ("thr" for "threads") is an abbreviation rather than a mistake and counts as one edit.
 */
#include "names.h"

#include <stdint.h>
#include <string.h>

enum { NAME_MAX_LEN = 63 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;

    return least < c ? least : c;
}

static unsigned edits(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned row[3][NAME_MAX_LEN + 1];
    unsigned *before = row[0], *above = row[1], *here = row[2];

    for (size_t j = 0; j <= b_len; j++)
        above[j] = (unsigned)j;
    memcpy(before, above, (b_len + 1) * sizeof(*before));
    for (size_t i = 1; i <= a_len; i++) {
        unsigned *spare = before;

        here[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned change = a[i - 1] == b[j - 1] ? 0 : 1;

            here[j] = min3(above[j] + 1, here[j - 1] + 1, above[j - 1] + change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < here[j])
                here[j] = before[j - 2] + 1;
        }
        before = above;
        above = here;
        here = spare;
    }
    return above[b_len];
}

static unsigned distance(const char *wrong, const char *right)
{
    size_t wrong_len = strnlen(wrong, NAME_MAX_LEN);
    size_t right_len = strnlen(right, NAME_MAX_LEN);

    if (wrong_len > 0 && strncmp(wrong, right, wrong_len) == 0)
        return 1;
    return edits(wrong, wrong_len, right, right_len);
}

const char *wl_name_nearest(const char *wrong, wl_name_at *name_at)
{
    const char *best = NULL;
    unsigned least = UINT32_MAX;

    for (size_t i = 0; name_at(i); i++) {
        unsigned here = distance(wrong, name_at(i));

        if (here < least) {
            least = here;
            best = name_at(i);
        }
    }
    return best;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/core/comparison.h"

#include <stdlib.h>

const struct ct_result *ct_comparison_median(const struct ct_comparison *c, size_t design)
{
    const size_t at = c->medians[design];

    return at < c->designs[design].samples_cnt ? c->designs[design].samples[at].result : NULL;
}

bool ct_comparison_apart(const struct ct_comparison *c, size_t a, size_t b, enum ct_metric m)
{
    const struct ct_spread *x = &c->contrasts[m].spreads[a], *y = &c->contrasts[m].spreads[b];

    if (!x->known || !y->known)
        return false;
    if (c->designs[a].samples_cnt > 1 && c->designs[b].samples_cnt > 1)
        return x->max < y->min || y->max < x->min;
    return x->median > CT_ALONE_RATIO * y->median || y->median > CT_ALONE_RATIO * x->median;
}

void ct_design_fini(struct ct_design *d)
{
    for (size_t i = 0; i < d->samples_cnt; i++)
        ct_result_free(d->samples[i].result);
    free(d->samples);
    free(d->label);
    free(d->command);
    free(d->failure);
    free(d->last_words);
    *d = (struct ct_design){0};
}

void ct_comparison_fini(struct ct_comparison *c)
{
    for (size_t i = 0; i < c->designs_cnt; i++)
        ct_design_fini(&c->designs[i]);
    free(c->designs);
    for (size_t m = 0; m < CT_METRIC_COUNT; m++)
        free(c->contrasts[m].explanation);
    free(c->verdict);
    for (size_t i = 0; i < sizeof(c->reasons) / sizeof(c->reasons[0]); i++)
        free(c->reasons[i]);
    *c = (struct ct_comparison){0};
}

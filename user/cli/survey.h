/* SPDX-License-Identifier: GPL-2.0-only */
/* The first look at a recording of which a part is chosen: how long it is, and who is in it. */
#ifndef CT_CLI_SURVEY_H
#define CT_CLI_SURVEY_H

#include <stdio.h>

#include "user/core/model.h"

struct ct_survey {
    struct ct_result *lives;   /* threads and processes by name, and nothing of what they did */
    uint64_t start_ns, end_ns; /* of the run, in the records' clock */
    struct ct_choice choice;   /* what is left of it: all of the run's time is no choice */
    struct ct_span span; /* the part of its time that is chosen; it begins with the run if all is */
};

/* Reads all of `in`. 0, or the exit status after one line on standard error. */
int ct_survey_take(struct ct_survey *s, FILE *in, const char *name, const struct ct_choice *choice);

/* One line: nobody was chosen, and who there is. Returns the exit status. */
int ct_survey_say_none(const struct ct_survey *s, const char *name);

void ct_survey_fini(struct ct_survey *s);

#endif

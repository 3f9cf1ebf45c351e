/* SPDX-License-Identifier: GPL-2.0-only */
/* The JSON report's sections on what a run came to: each writes one value. */
#ifndef CT_JSON_PATH_H
#define CT_JSON_PATH_H

#include "user/core/result.h"
#include "user/report/json_writer.h"

/* The first three are null where the path is not known. */
void ct_json_path(struct ct_json *j, const struct ct_result *r);
void ct_json_path_summary(struct ct_json *j, const struct ct_result *r);
void ct_json_bound(struct ct_json *j, const struct ct_result *r);
void ct_json_findings(struct ct_json *j, const struct ct_result *r);
/* Members of summary.parallelism: its serial share, and what more CPUs could give at most. */
void ct_json_put_speedups(struct ct_json *j, const struct ct_result *r);

#endif

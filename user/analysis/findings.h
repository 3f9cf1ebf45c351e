/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Findings: what a result means for whoever asks why the program is no faster. Floor 2': reads the
 * sealed result and adds to it; knows no kernel, no clock, no environment, no format.
 *
 * Each finding is one function in one file and one row of the table in findings.c. Definitions,
 * thresholds and their reasons: docs/findings.md. Silence on a healthy program matters as much as
 * speech on an ill one.
 */
#ifndef CT_FINDINGS_H
#define CT_FINDINGS_H

#include "user/core/result.h"

/*
 * Runs all analyses on r, which must be sealed: fills r->findings (owned by r). 0 or -ENOMEM; then
 * r->findings is empty.
 */
int ct_findings_run(struct ct_result *r);

#endif

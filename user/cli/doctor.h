/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CT_DOCTOR_H
#define CT_DOCTOR_H

/*
 * Prints what this kernel, these privileges and this build can do, and the mend for what they
 * cannot. Returns the exit status: 0 if tracing works, 1 if not, CT_EXIT_FAILED if the table could
 * not be written.
 */
int ct_doctor(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CT_VERSION_H
#define CT_VERSION_H

/* The newest heading of CHANGELOG.md; a test holds the two together. */
#define CT_VERSION "0.1.0"

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* A key and a self-signed certificate for 127.0.0.1, made at start and kept in memory only. */
#ifndef WL_CERT_H
#define WL_CERT_H

struct wl_cert {
    char *key, *cert; /* PEM */
};

int wl_cert_make(struct wl_cert *out); /* -1 after a message */
void wl_cert_free(struct wl_cert *cert);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#include "cert.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "diag.h"

enum { LIFE_SECONDS = 7 * 24 * 3600, CLOCK_SLACK_SECONDS = 3600 };

static char *text_of(gnutls_datum_t *pem)
{
    char *text = wl_alloc(pem->size + 1, 1);

    memcpy(text, pem->data, pem->size);
    gnutls_free(pem->data);
    return text;
}

/* Each step as the libraries want it; the first that fails ends the row. */
static int fill(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
{
    static const unsigned char address[4] = {127, 0, 0, 1};
    static const unsigned char serial[1] = {1};
    time_t now = time(NULL);
    int rc = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                          GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);

    if (!rc)
        rc = gnutls_x509_crt_set_version(crt, 3);
    if (!rc)
        rc = gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
    if (!rc)
        rc = gnutls_x509_crt_set_dn(crt, "CN=workload serve", NULL);
    if (!rc)
        rc = gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, address,
                                                  sizeof(address), GNUTLS_FSAN_SET);
    if (!rc)
        rc = gnutls_x509_crt_set_basic_constraints(crt, 1, 0);
    if (!rc)
        rc = gnutls_x509_crt_set_activation_time(crt, now - CLOCK_SLACK_SECONDS);
    if (!rc)
        rc = gnutls_x509_crt_set_expiration_time(crt, now + LIFE_SECONDS);
    if (!rc)
        rc = gnutls_x509_crt_set_key(crt, key);
    return rc ? rc : gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
}

static int export(struct wl_cert *out, gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
{
    gnutls_datum_t pem = {0};
    int rc = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);

    if (rc)
        return rc;
    out->cert = text_of(&pem);
    rc = gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem);
    if (!rc)
        out->key = text_of(&pem);
    return rc;
}

int wl_cert_make(struct wl_cert *out)
{
    gnutls_x509_crt_t crt = NULL;
    gnutls_x509_privkey_t key = NULL;
    int rc = gnutls_x509_crt_init(&crt);

    *out = (struct wl_cert){0};
    if (!rc)
        rc = gnutls_x509_privkey_init(&key);
    if (!rc)
        rc = fill(crt, key);
    if (!rc)
        rc = export(out, crt, key);
    gnutls_x509_privkey_deinit(key);
    gnutls_x509_crt_deinit(crt);
    return rc ? wl_error("no certificate could be made: %s", gnutls_strerror(rc)) : 0;
}

void wl_cert_free(struct wl_cert *cert)
{
    free(cert->key);
    free(cert->cert);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory MOST FILE...: takes recordings through reader, model, analyses and reporters while the nth
 * allocation fails, alone or with all after it; n goes from 1 to the last, or up to MOST of each
 * kind, spread evenly. Each time one of two things must come: the word that there was no memory, or
 * the reports as they are without the fault, byte for byte. Sanitizers see to crashes and leaks.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sanitizer/lsan_interface.h>

#include "tests/faults/failing.h"
#include "tests/fuzz/chain.h"

struct text {
    char *at;
    size_t len;
};

struct counts {
    size_t injected, told, healed, wrong;
};

static struct text load(const char *name)
{
    struct text t = {0};
    FILE *in = fopen(name, "re");
    long len = -1;

    if (in && !fseek(in, 0, SEEK_END) && (len = ftell(in)) > 0 && !fseek(in, 0, SEEK_SET))
        t.at = malloc((size_t)len);
    if (!t.at || fread(t.at, 1, (size_t)len, in) != (size_t)len) {
        fprintf(stderr, "cannot read %s\n", name);
        exit(2);
    }
    t.len = (size_t)len;
    fclose(in);
    return t;
}

/* What the chain led to, its reports, and how many allocations it made. */
static int run(const struct text *file, size_t nth, bool forever, struct text *reports,
               size_t *made)
{
    FILE *out = open_memstream(&reports->at, &reports->len);

    if (!out)
        exit(2);
    ct_failing_from(nth, forever);
    const int result = ct_fuzz_chain_to((const uint8_t *)file->at, file->len, out);
    *made = ct_failing_end();
    fclose(out);
    return result;
}

/* Whether the fault was met as it should be. */
static bool met(const struct text *file, size_t nth, bool forever, const struct text *truth,
                struct counts *n)
{
    struct text reports;
    size_t made;
    const int result = run(file, nth, forever, &reports, &made);
    const bool same = reports.len == truth->len && !memcmp(reports.at, truth->at, truth->len);

    free(reports.at);
    n->injected++;
    n->told += result == 2;
    n->healed += !result && same;
    if (result != 2 && (result || !same)) {
        printf("allocation %zu%s: %s\n", nth, forever ? " and all after it" : "",
               result ? "taken for no recording" : "reports that differ, and no word of it");
        return false;
    }
    if (__lsan_do_recoverable_leak_check()) {
        printf("allocation %zu%s: memory is lost\n", nth, forever ? " and all after it" : "");
        return false;
    }
    return true;
}

/* Tells of it, and where it is. */
static void accuse(const struct text *file, const char *name, size_t nth, bool forever)
{
    struct text reports;
    size_t made;

    printf("  in %s, from:\n", name);
    fflush(stdout);
    ct_failing_show(true);
    run(file, nth, forever, &reports, &made);
    ct_failing_show(false);
    free(reports.at);
}

static void try_file(const char *name, size_t most, struct counts *n)
{
    const struct text file = load(name);
    struct text truth;
    size_t cnt;

    if (run(&file, 0, false, &truth, &cnt) || !cnt) {
        printf("%s gives no report\n", name);
        n->wrong++;
        cnt = 0;
    }
    const size_t step = cnt > most ? (cnt + most - 1) / most : 1;
    for (size_t nth = 1; nth <= cnt; nth += step) {
        for (int forever = 0; forever < 2; forever++) {
            if (met(&file, nth, forever, &truth, n))
                continue;
            accuse(&file, name, nth, forever);
            n->wrong++;
        }
    }
    free(truth.at);
    free(file.at);
}

int main(int argc, char **argv)
{
    struct counts n = {0};

    if (argc < 3) {
        fprintf(stderr, "usage: memory MOST FILE...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++)
        try_file(argv[i], strtoul(argv[1], NULL, 10), &n);
    printf("%zu told, %zu made no difference\n%zu faults, %zu wrong\n", n.told, n.healed,
           n.injected, n.wrong);
    return n.wrong || !n.told;
}

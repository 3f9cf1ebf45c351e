/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes the pages that the browser's tests open, each beside the JSON report of the same made-up
 * run: make_pages FOLDER             a small run, one with more intervals than a page holds, a
 * comparison make_pages FOLDER INTERVALS   one of so many
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/made_run.h"
#include "user/analysis/contrast.h"
#include "user/report/compare.h"

static FILE *open_in(const char *folder, const char *name)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    if (!f) {
        perror(path);
        exit(1);
    }
    return f;
}

static void write_one(const struct made_run *m, const char *folder, const char *name,
                      ct_report_fn fn)
{
    FILE *f = open_in(folder, name);

    if (fn(m->result, &(struct ct_report_style){0}, f) || fclose(f)) {
        fprintf(stderr, "%s was not written\n", name);
        exit(1);
    }
}

static void make(const char *folder, const char *name, size_t threads, size_t intervals)
{
    char file[256];
    struct made_run m;

    made_run_make(&m, threads, intervals);
    snprintf(file, sizeof(file), "%s.html", name);
    write_one(&m, folder, file, ct_report_html);
    snprintf(file, sizeof(file), "%s.json", name);
    write_one(&m, folder, file, ct_report_json);
    made_run_free(&m);
}

static void make_comparison(const char *folder)
{
    struct made_run m[2];
    struct ct_sample samples[2] = {0};
    struct ct_design designs[2] = {0};
    struct ct_comparison c = {.designs = designs, .designs_cnt = 2, .runs_wanted = 1};
    FILE *f = open_in(folder, "compare.html");

    for (int i = 0; i < 2; i++) {
        made_run_make(&m[i], 2 + (size_t)i * 2, 200);
        samples[i].result = m[i].result;
        designs[i] = (struct ct_design){.label = i ? "<b>threads" : "serial",
                                        .command = "x",
                                        .samples = &samples[i],
                                        .samples_cnt = 1};
    }
    if (ct_contrast_run(&c) || ct_compare_html(&c, &(struct ct_report_style){0}, f) || fclose(f))
        exit(1);
    /* what the contrast added; the rest is not ours to free */
    c.designs_cnt = 0;
    c.designs = NULL;
    ct_comparison_fini(&c);
    for (int i = 0; i < 2; i++)
        made_run_free(&m[i]);
}

int main(int argc, char **argv)
{
    if (argc == 3) {
        make(argv[1], "many", 64, strtoul(argv[2], NULL, 10));
    } else if (argc == 2) {
        make(argv[1], "small", 8, 800);
        make(argv[1], "folded", 8, 1200000);
        make_comparison(argv[1]);
    }
    return argc == 2 || argc == 3 ? 0 : 2;
}

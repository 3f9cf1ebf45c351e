/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/cli/command_line.c user/cli/designs.c user/core/comparison.c user/core/result.c
// links: user/base/log.c
/* Command lines that become words, and the designs that -L makes of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "user/cli/command_line.h"
#include "user/cli/designs.h"

/* ---- words ---- */

/* expected: the words with a | behind each. */
static void splits(const char *line, const char *expected)
{
    char **words = ct_command_line_split(line);
    char got[256] = "";

    assert_non_null(words);
    for (char **w = words; *w; w++) {
        strcat(got, *w);
        strcat(got, "|");
    }
    assert_string_equal(got, expected);
    ct_command_line_free(words);
}

static void to_shell(const char *line)
{
    char expected[256];

    snprintf(expected, sizeof(expected), "/bin/sh|-c|%s|", line);
    splits(line, expected);
}

static void simple_lines_need_no_shell(void **state)
{
    (void)state;
    splits("true", "true|");
    splits("  ./workload  --mode=threads\t--tasks=4 ", "./workload|--mode=threads|--tasks=4|");
    splits("a 'b c' \"d e\" f'g'\"h\"", "a|b c|d e|fgh|");
    splits("a '' \"\"", "a|||");
    splits("a '$x|*' \"*;<'\"", "a|$x|*|*;<'|");
    splits("python3 -c 'print(\"x\")'", "python3|-c|print(\"x\")|");
    splits("a b=c -Dx=y {n} 50%", "a|b=c|-Dx=y|{n}|50%|");
    splits("echo exit", "echo|exit|");
}

static void what_a_shell_understands_is_left_to_it(void **state)
{
    static const char *const lines[] = {
        "a | b",   "a && b",    "a; b", "a > b", "a < b",     "echo $x", "echo `b`", "a *.c",
        "a \\b",   "a ?",       "~/a",  "a # b", "(a)",       "a\nb",    "x=1 a",    "exit 3",
        "cd /; a", "echo \"$x", "a 'b", "a \"b", "ulimit -n", "if a",    ": a",      "\"x=1\" a",
        "! a",     "a [b]",     "",     "  ",    "{ a",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        to_shell(lines[i]);
}

/* ---- designs ---- */

/* expected: each design as "label: command\n". */
static void makes(const struct ct_options *o, const char *expected)
{
    struct ct_comparison c = {0};
    char got[4096] = "";

    assert_int_equal(ct_designs_make(&c, o), 0);
    for (size_t i = 0; i < c.designs_cnt; i++) {
        strcat(got, c.designs[i].label);
        strcat(got, ": ");
        strcat(got, c.designs[i].command);
        strcat(got, "\n");
    }
    assert_string_equal(got, expected);
    ct_comparison_fini(&c);
}

static void refuses(const struct ct_options *o)
{
    struct ct_comparison c = {0};

    assert_int_equal(ct_designs_make(&c, o), -EINVAL);
    ct_comparison_fini(&c);
}

static void labels_are_what_tells_apart(void **state)
{
    char *modes[] = {(char *)"./w --mode=serial -n 4", (char *)"./w --mode=threads -n 4", NULL};
    char *subset[] = {(char *)"./w -t", (char *)"./w -t --gil", (char *)"./w -s", NULL};
    char *same[] = {(char *)"true", (char *)"true", (char *)"true", NULL};
    char *alone[] = {(char *)"a b", NULL};

    (void)state;
    makes(&(struct ct_options){.command = modes},
          "--mode=serial: ./w --mode=serial -n 4\n--mode=threads: ./w --mode=threads -n 4\n");
    makes(&(struct ct_options){.command = subset}, "-t: ./w -t\n--gil: ./w -t --gil\n-s: ./w -s\n");
    makes(&(struct ct_options){.command = same}, "true: true\ntrue (2): true\ntrue (3): true\n");
    makes(&(struct ct_options){.command = alone}, "a b: a b\n");
}

static void lists_go_through_a_line(void **state)
{
    char *line[] = {(char *)"./w --mode={m} {m}", NULL};
    char *two[] = {(char *)"./w {m} {n}", NULL};
    char *some[] = {(char *)"./w {m}", (char *)"./x", NULL};

    (void)state;
    makes(&(struct ct_options){.command = line, .lists = {{"m", "a,b"}}, .lists_cnt = 1},
          "a: ./w --mode=a a\nb: ./w --mode=b b\n");
    makes(
        &(struct ct_options){.command = two, .lists = {{"m", "a,b"}, {"n", "1,2"}}, .lists_cnt = 2},
        "m=a n=1: ./w a 1\nm=a n=2: ./w a 2\nm=b n=1: ./w b 1\nm=b n=2: ./w b 2\n");
    /* a line without the name is there once */
    makes(&(struct ct_options){.command = some, .lists = {{"m", "a,b"}}, .lists_cnt = 1},
          "a: ./w a\nb: ./w b\n./x: ./x\n");
}

static void values_are_taken_as_they_are(void **state)
{
    char *line[] = {(char *)"./w {m}{n} {x} {", NULL};
    char *empty[] = {(char *)"./w -a{m}", NULL};

    (void)state;
    /* what a value brings in is no name, and a comma may be quoted */
    makes(&(struct ct_options){.command = line,
                               .lists = {{"m", "{n},a\\,b"}, {"n", "1"}},
                               .lists_cnt = 2},
          "m={n} n=1: ./w {n}1 {x} {\nm=a,b n=1: ./w a,b1 {x} {\n");
    makes(&(struct ct_options){.command = empty, .lists = {{"m", "b,,"}}, .lists_cnt = 1},
          "b: ./w -ab\n-a: ./w -a\n-a (2): ./w -a\n");
}

static void slips_are_refused(void **state)
{
    char *line[] = {(char *)"./w {m}", NULL};
    char *many[] = {(char *)"./w {m}", NULL};

    (void)state;
    refuses(&(struct ct_options){.command = line, .lists = {{"mode", "a"}}, .lists_cnt = 1});
    refuses(&(struct ct_options){.command = many,
                                 .lists = {{"m", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,"
                                                 "20,21,22,23,24,25,26,27"}},
                                 .lists_cnt = 1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simple_lines_need_no_shell),
        cmocka_unit_test(what_a_shell_understands_is_left_to_it),
        cmocka_unit_test(labels_are_what_tells_apart),
        cmocka_unit_test(lists_go_through_a_line),
        cmocka_unit_test(values_are_taken_as_they_are),
        cmocka_unit_test(slips_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

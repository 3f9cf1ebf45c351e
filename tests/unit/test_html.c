/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/report/html.c user/report/html_lanes.c user/report/html_parts.c tests/harness/made_run.c
// links: user/report/json.c user/report/json_parts.c user/report/json_writer.c user/report/utf8.c user/core/result.c
// links: user/report/json_tables.c user/report/json_path.c user/report/profile.c user/report/stack_tree.c
// links: user/core/syscalls.c user/report/compare_json.c user/core/comparison.c
/* The HTML report: lanes as they are packed, read back; and what a page's bytes must not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/harness/made_run.h"
#include "user/report/html_lanes.h"
#include "user/report/html_parts.h"
#include "user/report/report.h"

/* ---- reading lanes back, as docs/html.md says ---- */

struct reading {
    const uint8_t *at;
    uint64_t t, cpu, call, other, taker, wake;
    uint64_t sums[CT_ST_COUNT], cpu_ns;
};

static uint64_t number(struct reading *r)
{
    uint64_t value = 0;

    for (unsigned shift = 0;; shift += 7) {
        const uint8_t byte = *r->at++;
        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return value;
    }
}

static void read_mixture(struct reading *r)
{
    uint64_t all = 0;
    const uint64_t length = number(r);

    assert_true(number(r) >= 2);
    for (uint64_t left = number(r); left; left--) {
        const uint64_t state = number(r), ns = number(r);
        r->sums[state] += ns;
        all += ns;
    }
    assert_int_equal(all, length);
    for (uint64_t left = number(r); left; left--) {
        number(r);
        r->cpu_ns += number(r);
    }
    r->t += length;
}

/* The next item; true: it is an interval, told in full. */
static bool read_item(struct reading *r, struct ct_interval *i)
{
    const uint8_t head = *r->at++, state = head & 31;
    const bool blocked = state >= CT_ST_BLOCKED;

    if (state == CT_HTML_MIXTURE) {
        read_mixture(r);
        return false;
    }
    *i = (struct ct_interval){.start_ns = r->t, .state = state, .call = -1};
    r->t = i->end_ns = r->t + number(r);
    r->sums[state] += i->end_ns - i->start_ns;
    if (head & 0x20)
        *(blocked ? &r->call : &r->cpu) = number(r);
    if (head & 0x40)
        *(blocked ? &r->other : &r->taker) = number(r);
    if (head & 0x80)
        r->wake = *r->at++;
    if (state == CT_ST_RUNNING) {
        i->cpu = (uint16_t)r->cpu;
        r->cpu_ns += i->end_ns - i->start_ns;
    }
    i->other_id = (uint32_t)(blocked                                      ? r->other
                             : state == CT_ST_RUNNABLE + CT_RUN_PREEMPTED ? r->taker
                                                                          : 0);
    i->wake = blocked ? (uint8_t)r->wake : 0;
    i->call = blocked && r->call ? (int32_t)r->call : -1;
    return true;
}

/* ---- tests ---- */

static void each_interval_reads_back(void **state)
{
    (void)state;
    struct made_run m;
    struct ct_html_lanes l;

    made_run_make(&m, 8, 4000);
    assert_int_equal(ct_html_lanes_init(&l, m.result, CT_HTML_ITEMS_MAX), 0);
    assert_int_equal(l.fold_ns, 0);
    assert_int_equal(l.items, 4000);
    for (size_t t = 0; t < 8; t++) {
        struct reading r = {.at = l.lanes[t].bytes, .t = l.lanes[t].start_ns};
        for (size_t k = 0; k < m.cnt; k++) {
            const struct ct_interval *told = &m.all[k];
            struct ct_interval got;
            if (told->id != t + 1)
                continue;
            assert_true(read_item(&r, &got));
            assert_int_equal(got.start_ns, told->start_ns);
            assert_int_equal(got.end_ns, told->end_ns);
            assert_int_equal(got.state, told->state);
            assert_int_equal(got.cpu, told->cpu);
            assert_int_equal(got.wake, told->wake);
            assert_int_equal(got.other_id, told->other_id);
            if (told->call >= 0)
                assert_int_equal(l.calls[got.call - 1], (uint32_t)told->call);
            else
                assert_int_equal(got.call, -1);
        }
        assert_ptr_equal(r.at, l.lanes[t].bytes + l.lanes[t].len);
    }
    ct_html_lanes_fini(&l);
    made_run_free(&m);
}

static void folded_lanes_keep_every_sum(void **state)
{
    (void)state;
    static const uint64_t mosts[] = {10000, 1000, 100, 8};
    struct made_run m;

    made_run_make(&m, 8, 30000);
    for (size_t k = 0; k < sizeof(mosts) / sizeof(mosts[0]); k++) {
        struct ct_html_lanes l;
        assert_int_equal(ct_html_lanes_init(&l, m.result, mosts[k]), 0);
        assert_true(l.fold_ns > 0);
        assert_true(l.items <= mosts[k]);
        assert_true(l.items >= 8);
        for (size_t t = 0; t < 8; t++) {
            const struct ct_thread *thread = m.result->threads[t];
            struct reading r = {.at = l.lanes[t].bytes, .t = l.lanes[t].start_ns};
            struct ct_interval one;
            for (uint32_t i = 0; i < l.lanes[t].items; i++)
                read_item(&r, &one);
            assert_ptr_equal(r.at, l.lanes[t].bytes + l.lanes[t].len);
            assert_int_equal(r.t, thread->end_ns);
            assert_memory_equal(r.sums, thread->totals.state_ns, sizeof(r.sums));
            assert_int_equal(r.cpu_ns, thread->totals.running_ns);
        }
        ct_html_lanes_fini(&l);
    }
    made_run_free(&m);
}

/* A hole in what was told is unknown, and what comes twice counts once. */
static void holes_are_unknown(void **state)
{
    (void)state;
    struct made_run m;
    struct ct_html_lanes l;

    made_run_make(&m, 1, 6);
    const uint64_t hole = m.all[2].end_ns - m.all[2].start_ns;
    m.all[2].end_ns = m.all[2].start_ns - 1; /* runs backwards */
    assert_int_equal(ct_html_lanes_init(&l, m.result, CT_HTML_ITEMS_MAX), 0);
    struct reading r = {.at = l.lanes[0].bytes, .t = l.lanes[0].start_ns};
    struct ct_interval one;
    for (uint32_t i = 0; i < l.lanes[0].items; i++)
        read_item(&r, &one);
    assert_int_equal(r.sums[CT_ST_UNKNOWN], hole);
    assert_int_equal(r.t, m.result->wall_ns);
    ct_html_lanes_fini(&l);
    made_run_free(&m);
}

static char *page_of(const struct ct_result *r, size_t *len)
{
    char *text = NULL;
    FILE *f = open_memstream(&text, len);

    assert_non_null(f);
    assert_int_equal(ct_report_html(r, &(struct ct_report_style){0}, f), 0);
    fclose(f);
    return text;
}

static unsigned times(const char *text, const char *what)
{
    unsigned n = 0;

    for (; (text = strstr(text, what)); text++)
        n++;
    return n;
}

/* The only elements are the page's own. */
static void hostile_names_make_no_markup(void **state)
{
    (void)state;
    struct made_run m;
    size_t len;

    made_run_make(&m, 8, 400);
    char *page = page_of(m.result, &len);
    assert_int_equal(strlen(page), len);
    assert_int_equal(times(page, "</script>"), 4); /* report, about, lanes, the script itself */
    assert_int_equal(times(page, "<img"), 0);
    assert_int_equal(times(page, "<b>x"), 0);
    assert_int_equal(times(page, "<!--"), 0);
    assert_true(times(page, "\\u003cimg src=x onerror=document.title") >= 4);
    assert_int_equal(times(page, "default-src 'none'; script-src 'sha256-"), 1);
    free(page);
    made_run_free(&m);
}

/* Without intervals the strips are drawn: a page all the same, which says so. */
static void strips_stand_in_for_intervals(void **state)
{
    (void)state;
    struct made_run m;
    struct ct_html_lanes l;

    made_run_make(&m, 2, 60);
    m.result->intervals = NULL;
    m.result->threads[0]->strip = calloc(1, sizeof(struct ct_strip));
    assert_non_null(m.result->threads[0]->strip);
    m.result->threads[0]->strip->running[3] = 255;
    assert_int_equal(ct_html_lanes_init(&l, m.result, CT_HTML_ITEMS_MAX), 0);
    assert_true(l.coarse);
    assert_int_equal(l.lanes[0].items, CT_STRIP_BINS);
    assert_int_equal(l.lanes[1].items, 0);
    ct_html_lanes_fini(&l);
    made_run_free(&m);
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    struct made_run m;
    FILE *full = fopen("/dev/full", "w");

    made_run_make(&m, 2, 60);
    assert_non_null(full);
    assert_true(ct_report_html(m.result, &(struct ct_report_style){0}, full) < 0);
    fclose(full);
    made_run_free(&m);
}

static void base64_is_what_it_is(void **state)
{
    (void)state;
    static const char *const words[] = {"",         "Zg==",     "Zm8=",    "Zm9v",
                                        "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};

    for (size_t len = 0; len <= 6; len++) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        assert_non_null(f);
        struct ct_base64 b = {.out = f};
        ct_base64_put(&b, (const uint8_t *)"foobar", len);
        ct_base64_end(&b);
        fclose(f);
        assert_string_equal(text, words[len]);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_interval_reads_back),
        cmocka_unit_test(folded_lanes_keep_every_sum),
        cmocka_unit_test(holes_are_unknown),
        cmocka_unit_test(hostile_names_make_no_markup),
        cmocka_unit_test(strips_stand_in_for_intervals),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(base64_is_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

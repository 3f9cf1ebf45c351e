/* SPDX-License-Identifier: GPL-2.0-only */
// links: user/source/percpu.c
/* Where the preemption count lies: out of type information that libbpf wrote, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <bpf/btf.h>

#include "user/source/percpu.h"

static const struct {
    const char *name;
    uint32_t at;
} places[] = {{"other", 16}, {"runqueues", 4096}, {"__preempt_count", 640}, {"pcpu_hot", 512}};

/* One type of each kind there is, so that each is stepped over; then the variables of `mask`. */
static struct btf *make(unsigned mask, const char *section)
{
    struct btf *btf = btf__new_empty();
    int ids[4] = {0};

    assert_non_null(btf);
    const int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
    btf__add_float(btf, "float", 4);
    btf__add_ptr(btf, number);
    btf__add_array(btf, number, number, 3);
    btf__add_struct(btf, "pair", 8);
    btf__add_field(btf, "one", number, 0, 0);
    btf__add_field(btf, "two", number, 32, 0);
    btf__add_union(btf, "either", 4);
    btf__add_field(btf, "runqueues", number, 0, 0);
    btf__add_enum(btf, "few", 4);
    btf__add_enum_value(btf, "a", 1);
    btf__add_enum64(btf, "many", 8, false);
    btf__add_enum64_value(btf, "b", 1ULL << 40);
    btf__add_fwd(btf, "later", BTF_FWD_STRUCT);
    btf__add_typedef(btf, "runqueues", number);
    btf__add_volatile(btf, number);
    btf__add_const(btf, number);
    btf__add_restrict(btf, number);
    btf__add_type_tag(btf, "tag", number);
    const int proto = btf__add_func_proto(btf, number);
    btf__add_func_param(btf, "p", number);
    btf__add_func(btf, "f", BTF_FUNC_GLOBAL, proto);
    btf__add_decl_tag(btf, "tag", proto + 1, -1);
    for (int i = 0; i < 4; i++)
        if (mask & 1U << i)
            ids[i] = btf__add_var(btf, places[i].name, BTF_VAR_GLOBAL_ALLOCATED, number);
    btf__add_datasec(btf, section, 8192);
    for (int i = 0; i < 4; i++)
        if (ids[i])
            assert_int_equal(btf__add_datasec_var_info(btf, ids[i], places[i].at, 4), 0);
    return btf;
}

static int64_t told(unsigned mask, const char *section)
{
    struct btf *btf = make(mask, section);
    uint32_t size;
    const void *raw = btf__raw_data(btf, &size);
    const int64_t at = ct_preempt_count_in(raw, size);
    btf__free(btf);
    return at;
}

static void test_places(void **state)
{
    (void)state;
    const char *percpu = ".data..percpu";
    assert_int_equal(told(7, percpu), 640 - 4096);
    assert_int_equal(told(15, percpu), 640 - 4096); /* its own name tells more than the struct's */
    assert_int_equal(told(11, percpu), 512 + (int64_t)sizeof(void *) - 4096);
    assert_int_equal(told(3, percpu), 0);
    assert_int_equal(told(5, percpu), 0);
    assert_int_equal(told(1, percpu), 0);
    assert_int_equal(told(7, ".data"), 0);
}

/* Cut short at any byte, or with any byte another: no crash, and nothing is read beyond the end. */
static void test_damaged(void **state)
{
    (void)state;
    struct btf *btf = make(15, ".data..percpu");
    uint32_t size;
    const void *raw = btf__raw_data(btf, &size);

    for (uint32_t len = 0; len < size; len++) {
        char *cut = malloc(len + 1);
        memcpy(cut, raw, len);
        char *exact = realloc(cut, len ? len : 1);
        assert_int_equal(ct_preempt_count_in(exact, len), 0);
        free(exact);
    }
    char *copy = malloc(size);
    for (uint32_t at = 0; at < size; at++) {
        memcpy(copy, raw, size);
        copy[at] = (char)~copy[at];
        ct_preempt_count_in(copy, size);
    }
    free(copy);
    btf__free(btf);
}

/* The running kernel's, where it is to be had: as libbpf's own reader of it tells. */
static void test_this_kernel(void **state)
{
    (void)state;
    struct btf *btf = btf__load_vmlinux_btf();
    if (!btf)
        return;
    uint32_t size;
    const void *raw = btf__raw_data(btf, &size);
    assert_int_equal(ct_preempt_count_at(), ct_preempt_count_in(raw, size));

    int64_t queue = -1, count = -1;
    const int id = btf__find_by_name_kind(btf, ".data..percpu", BTF_KIND_DATASEC);
    const struct btf_type *sec = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;
    for (int i = 0; sec && i < btf_vlen(sec); i++) {
        const struct btf_var_secinfo *var = btf_var_secinfos(sec) + i;
        const char *name = btf__name_by_offset(btf, btf__type_by_id(btf, var->type)->name_off);
        if (!strcmp(name, "runqueues"))
            queue = var->offset;
        else if (!strcmp(name, "__preempt_count"))
            count = var->offset;
    }
    if (queue >= 0 && count >= 0)
        assert_int_equal(ct_preempt_count_at(), count - queue);
    btf__free(btf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_this_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

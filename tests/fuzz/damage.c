/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * damage CNT FILE...: takes CNT recordings that it has damaged (cut, flipped, spliced with one
 * another) through the whole chain. Fails if one crashes (the sanitizers' business), takes longer
 * than 2 s of CPU time, or memory goes above 256 MiB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "tests/fuzz/chain.h"

#define FILES_MAX  64
#define SECONDS    2.0
#define MEMORY_MAX 256 /* MiB */

struct file {
    uint8_t *bytes;
    size_t len;
};

static uint64_t seed = 42;

static size_t roll(size_t below)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return below ? (size_t)(seed >> 33) % below : 0;
}

static double cpu_seconds(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static struct file load(const char *name)
{
    struct file f = {0};
    FILE *in = fopen(name, "re");

    if (!in || fseek(in, 0, SEEK_END) || (f.len = (size_t)ftell(in)) == 0 ||
        fseek(in, 0, SEEK_SET) || !(f.bytes = malloc(f.len)) ||
        fread(f.bytes, 1, f.len, in) != f.len) {
        fprintf(stderr, "cannot read %s\n", name);
        exit(2);
    }
    fclose(in);
    return f;
}

static void flip(struct file *f)
{
    for (size_t n = 1 + roll(8); n-- > 0;)
        f->bytes[roll(f->len)] ^= (uint8_t)(1U << roll(8));
}

/* A piece of another file over a piece of this one, and what followed it may move. */
static void splice(struct file *f, const struct file *from)
{
    const size_t at = roll(f->len), piece = roll(from->len), begin = roll(from->len - piece + 1);
    const size_t kept = roll(f->len - at + 1), room = at + piece + kept;
    uint8_t *bytes = malloc(room ? room : 1);

    if (!bytes)
        exit(2);
    memcpy(bytes, f->bytes, at);
    memcpy(bytes + at, from->bytes + begin, piece);
    memcpy(bytes + at + piece, f->bytes + f->len - kept, kept);
    free(f->bytes);
    *f = (struct file){.bytes = bytes, .len = room};
}

/* How it was damaged. */
static char damage(struct file *f, const struct file *other)
{
    switch (roll(4)) {
    case 0:
        f->len = roll(f->len);
        return 'c';
    case 1:
        flip(f);
        return 'f';
    case 2:
        splice(f, other);
        return 's';
    default:
        splice(f, other);
        if (f->len)
            flip(f);
        return 'b';
    }
}

static long memory_mib(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss / 1024;
}

int main(int argc, char **argv)
{
    struct file files[FILES_MAX];
    size_t files_cnt = 0, outcomes[3] = {0};
    double worst = 0;
    int bad = 0;

    if (argc < 3) {
        fprintf(stderr, "usage: damage CNT FILE...\n");
        return 2;
    }
    for (int i = 2; i < argc && files_cnt < FILES_MAX; i++)
        files[files_cnt++] = load(argv[i]);
    for (long i = 0; i < strtol(argv[1], NULL, 10); i++) {
        const struct file *from = &files[roll(files_cnt)];
        struct file f = {.bytes = malloc(from->len), .len = from->len};
        if (!f.bytes)
            return 2;
        memcpy(f.bytes, from->bytes, from->len);
        const char how = damage(&f, &files[roll(files_cnt)]);
        const double begin = cpu_seconds();
        outcomes[ct_fuzz_chain(f.bytes, f.len)]++;
        const double took = cpu_seconds() - begin;
        worst = took > worst ? took : worst;
        if (took > SECONDS) {
            printf("recording %ld (%c) took %.1f s\n", i, how, took);
            bad = 1;
        }
        free(f.bytes);
    }
    for (size_t i = 0; i < files_cnt; i++)
        free(files[i].bytes);
    printf("%zu reports, %zu refused, %zu without memory; at most %.3f s each, %ld MiB\n",
           outcomes[0], outcomes[1], outcomes[2], worst, memory_mib());
    return bad || outcomes[2] || memory_mib() > MEMORY_MAX;
}

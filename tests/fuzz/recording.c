/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fuzzers' door to the chain. For libFuzzer (clang -fsanitize=fuzzer) as it is; with
 * -DCT_FUZZ_MAIN a program that takes files, or standard input, as AFL++ and people do:
 *   make CC=afl-clang-fast fuzz-programs && afl-fuzz -i tests/fuzz/corpus -o out
 * build/fuzz/recording-afl
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ct_fuzz_chain(data, size);
    return 0;
}

#ifdef CT_FUZZ_MAIN
#define BYTES_MAX (64U << 20)

static int run(FILE *in, const char *name)
{
    uint8_t *bytes = malloc(BYTES_MAX);
    const size_t len = in && bytes ? fread(bytes, 1, BYTES_MAX, in) : 0;

    if (!in || !bytes || ferror(in)) {
        fprintf(stderr, "cannot read %s\n", name);
        return 2;
    }
    LLVMFuzzerTestOneInput(bytes, len);
    free(bytes);
    return 0;
}

int main(int argc, char **argv)
{
    int status = argc > 1 ? 0 : run(stdin, "standard input");

    for (int i = 1; i < argc; i++) {
        FILE *in = fopen(argv[i], "re");
        status |= run(in, argv[i]);
        if (in)
            fclose(in);
    }
    return status;
}
#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#include "user/cli/options.h"

#include <errno.h>

#include "user/cli/option_rows.h"

int ct_options_help(FILE *out)
{
    fputs("conctrace shows how the kernel runs a concurrent program.\n\n"
          "  conctrace [OPTIONS] [--] COMMAND [ARG...]   trace COMMAND with all its threads and\n"
          "                                              children, then report\n"
          "  conctrace [OPTIONS] -p PID[,PID...]         the same for what runs already, until it "
          "ends\n"
          "                                              or Ctrl-C\n"
          "  conctrace compare [OPTIONS] 'COMMAND LINE'...\n"
          "                                              run each several times, tell how they "
          "differ\n"
          "  conctrace compare [OPTIONS] FILE FILE...    the same for recordings\n"
          "  conctrace report [OPTIONS] FILE             report from a recording, anywhere and by "
          "anybody\n"
          "  conctrace doctor                            what works here, and the mend for the "
          "rest\n\n"
          "Options, up to the first word of COMMAND:\n",
          out);
    for (size_t i = 0; i < ct_option_rows_cnt; i++) {
        const struct ct_option_row *r = &ct_option_rows[i];
        char left[64];

        snprintf(left, sizeof(left), "%c%c%s%s%s%s%s", r->letter ? '-' : ' ',
                 r->letter ? r->letter : ' ',
                 r->letter && r->name ? ", "
                 : r->name            ? "  "
                                      : "",
                 r->name ? "--" : "", r->name ? r->name : "", r->value ? " " : "",
                 r->value ? r->value : "");
        fprintf(out, "  %-22s %s\n", left, r->help);
    }
    fputs(
        "\nExit status: that of COMMAND (if a signal killed it, conctrace dies of the same one);\n"
        "125 conctrace failed, 126 COMMAND cannot be executed, 127 it was not found, 2 bad "
        "usage.\n",
        out);
    return fflush(out) || ferror(out) ? -errno : 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Without a shell there is one process and one execve less in the trace, and the numbers are those
 * of the program alone.
 */
#include "user/cli/command_line.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Mean something to a shell, wherever they stand unquoted. */
static const char special[] = "|&;<>()$`\\*?[]#~!\n";
static const char special_in_quotes[] = "$`\\!";

/* As a first word these are the shell's own. `[`, echo and the like are programs, too. */
static const char *const own[] = {
    ".",      ":",        "alias",   "bg",    "case",    "cd",     "command", "eval", "exec",
    "exit",   "export",   "fg",      "for",   "getopts", "hash",   "if",      "jobs", "local",
    "read",   "readonly", "return",  "set",   "shift",   "source", "times",   "trap", "type",
    "ulimit", "umask",    "unalias", "unset", "until",   "wait",   "while",   "{",
};

/* Reads one word from *at on into to; false: a shell must. */
static bool take_word(const char **at, char *to)
{
    for (; **at && !isblank((unsigned char)**at); ++*at) {
        const char quote = **at;
        if (strchr(special, quote))
            return false;
        if (quote != '\'' && quote != '"') {
            *to++ = quote;
            continue;
        }
        for (++*at; **at != quote; ++*at) {
            if (!**at || (quote == '"' && strchr(special_in_quotes, **at)))
                return false;
            *to++ = **at;
        }
    }
    *to = '\0';
    return true;
}

static bool is_own(const char *word)
{
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (!strcmp(word, own[i]))
            return true;
    return strchr(word, '=') != NULL; /* VAR=value, mostly */
}

/* NULL: no memory, or (then *shell) a shell must. */
static char **split(const char *line, bool *shell)
{
    const size_t most = strlen(line) + 1;
    char **words = calloc(most / 2 + 2, sizeof(*words));
    char *word = malloc(most);
    size_t cnt = 0;

    *shell = false;
    while (words && word) {
        line += strspn(line, " \t");
        if (!*line)
            break;
        *shell = !take_word(&line, word) || (!cnt && is_own(word));
        words[cnt] = *shell ? NULL : strdup(word);
        if (!words[cnt++])
            break;
    }
    const bool whole = words && word && cnt && words[cnt - 1];
    *shell |= words && word && !cnt;
    free(word);
    if (whole)
        return words;
    ct_command_line_free(words);
    return NULL;
}

char **ct_command_line_split(const char *line)
{
    bool shell;
    char **words = split(line, &shell);

    if (words || !shell)
        return words;
    words = calloc(4, sizeof(*words));
    if (!words)
        return NULL;
    words[0] = strdup("/bin/sh");
    words[1] = strdup("-c");
    words[2] = strdup(line);
    if (words[0] && words[1] && words[2])
        return words;
    for (int i = 0; i < 3; i++)
        free(words[i]);
    free(words);
    return NULL;
}

void ct_command_line_free(char **words)
{
    for (char **w = words; w && *w; w++)
        free(*w);
    free(words);
}

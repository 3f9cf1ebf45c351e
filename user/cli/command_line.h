/* SPDX-License-Identifier: GPL-2.0-only */
/* A command line, given as one word, becomes words: by ourselves where a shell would add nothing.
 */
#ifndef CT_COMMAND_LINE_H
#define CT_COMMAND_LINE_H

/*
 * NULL-terminated, the caller frees it with ct_command_line_free. Blanks and quotes part the words;
 * a line that holds anything else that means something to a shell is left to `/bin/sh -c`. NULL: no
 * memory. A line of nothing but blanks goes to the shell, too, which does nothing.
 */
char **ct_command_line_split(const char *line);
void ct_command_line_free(char **words);

#endif

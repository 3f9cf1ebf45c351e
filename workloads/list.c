/* SPDX-License-Identifier: GPL-2.0-only */
#include "list.h"

#include <stdio.h>

#include "run.h"
#include "scenarios.h"
#include "tasks.h"

static void print_line(const char *name, const char *summary)
{
    printf("  %-20s %s\n", name, summary);
}

void wl_list_print(void)
{
    puts("modes (--mode):");
    for (size_t i = 0; wl_mode_at(i); i++)
        print_line(wl_mode_at(i)->name, wl_mode_at(i)->summary);
    puts("\ntasks (--task):");
    for (size_t i = 0; wl_task_at(i); i++)
        print_line(wl_task_at(i)->name, wl_task_at(i)->summary);
    puts("\nscenarios (--scenario):");
    for (size_t i = 0; wl_scenario_at(i); i++)
        print_line(wl_scenario_at(i)->name, wl_scenario_at(i)->summary);
}

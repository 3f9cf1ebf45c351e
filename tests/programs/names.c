/* SPDX-License-Identifier: GPL-2.0-only */
/* names NAME...: a thread of each name, one after the other. */
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>

static void *bear(void *name)
{
    prctl(PR_SET_NAME, name);
    return NULL;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        pthread_t t;
        if (pthread_create(&t, NULL, bear, argv[i]) || pthread_join(t, NULL))
            return 1;
    }
    return 0;
}

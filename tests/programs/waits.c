/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * waits NAME MS: the main thread waits about MS milliseconds in exactly one way, and prints how
 * many nanoseconds that took by its own clock. waits --list: the ways, and the cause each belongs
 * to.
 *
 * Nothing else may block: who must be ready is waited for with sched_yield, the end is _exit, and
 * what ends a call that would last for ever is an interval timer (EINTR). Exit status: 0 it waited
 * as it says, 77 this machine cannot do it, 1 it did not go as it should.
 *
 * A row with a second cause waits in two ways in turn, and prints two numbers.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* the newer numbers are the same everywhere */
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#ifndef SYS_futex_wait
#define SYS_futex_wait 455
#endif

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

#define MS_NS 1000000LL
#define EDGE  4096 /* alignment of direct I/O */
#define MB    (1 << 20)

#define FILE_SIZE (16 * MB)

static long long wait_ms;
static int64_t begun_ns, begun_queued_ns, measured_ns, measured_queued_ns;
static volatile int64_t *second_ns; /* of the second cause; the helper process writes it */

static void die(const char *what)
{
    fprintf(stderr, "waits: %s: %s\n", what, strerror(errno));
    _exit(1);
}

static void cannot(const char *what)
{
    fprintf(stderr, "waits: skipped: %s: %s\n", what, strerror(errno));
    _exit(77);
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static struct timespec span(int64_t ns)
{
    return (struct timespec){ns / 1000000000LL, ns % 1000000000LL};
}

static void nap(int64_t ms)
{
    const struct timespec t = span(ms * MS_NS);
    nanosleep(&t, NULL);
}

/* ---- measuring ---- */

static int schedstat = -1;

/* The kernel's own count of what the main thread stood in the queue for a CPU. */
static int64_t queued_ns(void)
{
    char line[128] = "";
    long long ran, queued = 0;

    if (pread(schedstat, line, sizeof(line) - 1, 0) > 0)
        sscanf(line, "%lld %lld", &ran, &queued);
    return queued;
}

/* Both clocks at one time: no queueing between the two. */
static void read_clocks(int64_t *now, int64_t *queued)
{
    do {
        *queued = queued_ns();
        *now = clock_ns(CLOCK_MONOTONIC);
    } while (queued_ns() != *queued);
}

static void begin(void)
{
    read_clocks(&begun_ns, &begun_queued_ns);
}

/*
 * From 6.12 on the kernel at times counts nearly all of a sleep as queueing: that of a sleeper
 * whose dequeue was delayed, and which was moved to another CPU meanwhile. That is not believed.
 */
static void finish(void)
{
    int64_t now, queued;

    read_clocks(&now, &queued);
    measured_ns = now - begun_ns;
    measured_queued_ns = queued - begun_queued_ns;
    if (measured_queued_ns < measured_ns / 2) {
        measured_ns -= measured_queued_ns;
        measured_queued_ns = 0;
    }
}

static void on_alarm(int sig)
{
    (void)sig;
}

/* The timer rings again and again, so that a call that begins late is ended too. */
static void set_alarm(void)
{
    const struct sigaction act = {.sa_handler = on_alarm};
    const struct timeval t = {wait_ms / 1000, wait_ms % 1000 * 1000};
    const struct itimerval it = {t, t};

    if (sigaction(SIGALRM, &act, NULL) || setitimer(ITIMER_REAL, &it, NULL))
        die("setitimer");
}

/* The call waits until the timer rings. */
#define INTERRUPTED(call)                                                                          \
    do {                                                                                           \
        set_alarm();                                                                               \
        begin();                                                                                   \
        const long r_ = (long)(call);                                                              \
        finish();                                                                                  \
        if (r_ != -1 || errno != EINTR)                                                            \
            die(#call);                                                                            \
    } while (0)

/* The call waits, ends by itself, and returns what it should. */
#define RETURNS(value, call)                                                                       \
    do {                                                                                           \
        begin();                                                                                   \
        const long r_ = (long)(call);                                                              \
        finish();                                                                                  \
        if (r_ != (value))                                                                         \
            die(#call);                                                                            \
    } while (0)

/* ---- helpers ---- */

static atomic_int stage; /* what the helper thread has reached */

static void await(int s)
{
    while (atomic_load(&stage) < s)
        sched_yield();
}

/* A thread that no alarm of ours disturbs. */
static pthread_t thread(void *(*run)(void *), void *arg)
{
    sigset_t all, old;
    pthread_t t;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    errno = pthread_create(&t, NULL, run, arg);
    if (errno)
        die("pthread_create");
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return t;
}

/* Memory that processes we fork share with us. */
static void *shared(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        die("mmap");
    return p;
}

/* Runs act in a process of its own, which ends with us. */
static pid_t process(void (*act)(pid_t parent))
{
    const pid_t parent = getpid(), pid = fork();
    if (pid < 0)
        die("fork");
    if (!pid) {
        act(parent);
        _exit(0);
    }
    return pid;
}

static void act_sleep(pid_t parent)
{
    (void)parent;
    nap(wait_ms);
}

static void no_block(int fd, bool on)
{
    const int flags = fcntl(fd, F_GETFL);
    fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

static int fill(int fd)
{
    static char block[65536];
    no_block(fd, true);
    while (write(fd, block, sizeof(block)) > 0)
        ;
    while (write(fd, block, 1) > 0)
        ;
    no_block(fd, false);
    return fd;
}

static int pipe_end(int which)
{
    int fd[2];
    if (pipe(fd))
        die("pipe");
    return fd[which];
}

static int full_pipe(void)
{
    return fill(pipe_end(1));
}

static int socket_end(void)
{
    int fd[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd))
        die("socketpair");
    return fd[0];
}

static int full_socket(void)
{
    return fill(socket_end());
}

/*
 * A file on the disk under the current directory. A helper makes it, removes its name, fills it,
 * and outlives us with it: whatever of that waits for the disk is not ours.
 */
static atomic_int *made;

static void make_file(pid_t parent)
{
    char path[] = "waits.XXXXXX", *block = aligned_alloc(EDGE, FILE_SIZE);
    struct statfs fs;
    const int fd = mkstemp(path);

    if (fd < 0 || !block || unlink(path) || fstatfs(fd, &fs))
        die("a file here");
    memset(block, 'w', FILE_SIZE);
    for (int i = 0; i < FILE_SIZE / MB; i++)
        if (write(fd, block, MB) != MB)
            die("write");
    if (fsync(fd) || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
        die("fsync");
    atomic_store(made, fs.f_type == 0x01021994 /* TMPFS_MAGIC */ ? -1 : fd);
    while (getppid() == parent)
        nap(2);
}

static int disk_file(int flags)
{
    char path[64];
    made = shared(sizeof(*made));
    const pid_t pid = process(make_file);

    while (!atomic_load(made)) {
        if (waitpid(pid, NULL, WNOHANG))
            _exit(1);
        sched_yield();
    }
    errno = ENODEV;
    if (atomic_load(made) < 0)
        cannot("a disk under the current directory");
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, atomic_load(made));
    const int fd = open(path, O_RDWR | flags);
    if (fd < 0)
        cannot("open of the file");
    return fd;
}

/* ---- lock ---- */

static long futex(void *word, int op, uint32_t value, const struct timespec *timeout)
{
    return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

static void futex_wait(void)
{
    static uint32_t word;
    const struct timespec t = span(wait_ms * MS_NS);
    RETURNS(-1, futex(&word, FUTEX_WAIT_PRIVATE, 0, &t));
}

static void futex_eintr(void)
{
    static uint32_t word;
    INTERRUPTED(futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL));
}

static _Atomic uint32_t *common_word;

static void act_wake(pid_t parent)
{
    (void)parent;
    nap(wait_ms);
    atomic_store(common_word, 1);
    futex((void *)common_word, FUTEX_WAKE, 1, NULL);
}

static void futex_shared(void)
{
    common_word = shared(sizeof(*common_word));
    process(act_wake);
    RETURNS(0, futex((void *)common_word, FUTEX_WAIT, 0, NULL));
}

static void futex_waitv(void)
{
    static uint32_t words[2];
    const int64_t end = clock_ns(CLOCK_MONOTONIC) + wait_ms * MS_NS;
    const struct timespec t = span(end);
    struct {
        uint64_t value, address;
        uint32_t flags, reserved;
    } waiters[2] = {{0, (uintptr_t)&words[0], 2 | 128, 0}, {0, (uintptr_t)&words[1], 2 | 128, 0}};

    RETURNS(-1, syscall(SYS_futex_waitv, waiters, 2, 0, &t, CLOCK_MONOTONIC));
    if (errno == ENOSYS)
        cannot("futex_waitv");
}

static void futex_wait2(void)
{
    static uint32_t word;
    const struct timespec t = span(clock_ns(CLOCK_MONOTONIC) + wait_ms * MS_NS);

    RETURNS(-1, syscall(SYS_futex_wait, &word, 0UL, ~0U, 2 | 128, &t, CLOCK_MONOTONIC));
    if (errno == ENOSYS)
        cannot("futex_wait");
}

static uint32_t pi_word;

static void *hold_pi(void *arg)
{
    futex(&pi_word, FUTEX_LOCK_PI_PRIVATE, 0, NULL);
    atomic_store(&stage, 1);
    nap(wait_ms);
    futex(&pi_word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL);
    nap(wait_ms);
    return arg;
}

static void futex_pi(void)
{
    thread(hold_pi, NULL);
    await(1);
    RETURNS(0, futex(&pi_word, FUTEX_LOCK_PI_PRIVATE, 0, NULL));
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t sem;

static void *hold_locks(void *arg)
{
    pthread_mutex_lock(&mutex);
    pthread_rwlock_wrlock(&rwlock);
    atomic_store(&stage, 1);
    nap(wait_ms);
    pthread_mutex_unlock(&mutex);
    pthread_rwlock_unlock(&rwlock);
    return arg;
}

static void mutex_lock(void)
{
    thread(hold_locks, NULL);
    await(1);
    RETURNS(0, pthread_mutex_lock(&mutex));
}

static void rwlock_read(void)
{
    thread(hold_locks, NULL);
    await(1);
    RETURNS(0, pthread_rwlock_rdlock(&rwlock));
}

static void *signal_cond(void *arg)
{
    nap(wait_ms);
    pthread_mutex_lock(&mutex);
    atomic_store(&stage, 1);
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&mutex);
    return arg;
}

static void cond_wait(void)
{
    thread(signal_cond, NULL);
    begin();
    pthread_mutex_lock(&mutex);
    while (!atomic_load(&stage))
        pthread_cond_wait(&cond, &mutex);
    finish();
}

static void *just_nap(void *arg)
{
    nap(wait_ms);
    return arg;
}

static void join(void)
{
    const pthread_t t = thread(just_nap, NULL);
    RETURNS(0, pthread_join(t, NULL));
}

static void *meet(void *arg)
{
    nap(wait_ms);
    pthread_barrier_wait(&barrier);
    return arg;
}

static void barrier_wait(void)
{
    pthread_barrier_init(&barrier, NULL, 2);
    thread(meet, NULL);
    begin();
    pthread_barrier_wait(&barrier);
    finish();
}

static void sem_wait_(void)
{
    INTERRUPTED(sem_wait(&sem));
}

/* ---- sleep ---- */

static void nanosleep_(void)
{
    const struct timespec t = span(wait_ms * MS_NS);
    RETURNS(0, nanosleep(&t, NULL));
}

static void clock_nanosleep_(void)
{
    const struct timespec t = span(wait_ms * MS_NS);
    RETURNS(0, clock_nanosleep(CLOCK_BOOTTIME, 0, &t, NULL));
}

static void clock_nanosleep_until(void)
{
    const struct timespec t = span(clock_ns(CLOCK_MONOTONIC) + wait_ms * MS_NS);
    RETURNS(0, clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
}

static int timer_fd(void)
{
    const struct itimerspec it = {.it_value = span(wait_ms * MS_NS)};
    const int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    if (fd < 0 || timerfd_settime(fd, 0, &it, NULL))
        die("timerfd");
    return fd;
}

static void timerfd_read(void)
{
    uint64_t rings;
    const int fd = timer_fd();
    RETURNS(sizeof(rings), read(fd, &rings, sizeof(rings)));
}

static void timerfd_poll(void)
{
    struct pollfd p = {timer_fd(), POLLIN, 0};
    RETURNS(1, poll(&p, 1, -1));
}

static void poll_nothing(void)
{
    RETURNS(0, poll(NULL, 0, (int)wait_ms));
}

static void poll_ignored(void)
{
    struct pollfd p[2] = {{-1, POLLIN, 0}, {-1, POLLIN, 0}};
    RETURNS(0, poll(p, 2, (int)wait_ms));
}

static void ppoll_nothing(void)
{
    const struct timespec t = span(wait_ms * MS_NS);
    RETURNS(0, ppoll(NULL, 0, &t, NULL));
}

static void select_nothing(void)
{
    struct timeval t = {wait_ms / 1000, wait_ms % 1000 * 1000};
    RETURNS(0, select(0, NULL, NULL, NULL, &t));
}

static void pselect_nothing(void)
{
    const struct timespec t = span(wait_ms * MS_NS);
    fd_set none;
    FD_ZERO(&none);
    RETURNS(0, pselect(64, &none, NULL, NULL, &t, NULL));
}

/* ---- socket ---- */

static char buffer[65536];
static struct iovec vector = {buffer, sizeof(buffer)};
static struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};

static void socket_read(void)
{
    const int fd = socket_end();
    INTERRUPTED(read(fd, buffer, 1));
}

static void socket_readv(void)
{
    const int fd = socket_end();
    INTERRUPTED(readv(fd, &vector, 1));
}

static void socket_recv(void)
{
    const int fd = socket_end();
    INTERRUPTED(recv(fd, buffer, 1, 0));
}

static void socket_recvmsg(void)
{
    const int fd = socket_end();
    INTERRUPTED(recvmsg(fd, &message, 0));
}

static void socket_recvmmsg(void)
{
    struct mmsghdr m = {message, 0};
    const int fd = socket_end();
    INTERRUPTED(recvmmsg(fd, &m, 1, 0, NULL));
}

static void socket_write(void)
{
    const int fd = full_socket();
    INTERRUPTED(write(fd, buffer, sizeof(buffer)));
}

static void socket_send(void)
{
    const int fd = full_socket();
    INTERRUPTED(send(fd, buffer, sizeof(buffer), 0));
}

static void socket_sendmsg(void)
{
    const int fd = full_socket();
    INTERRUPTED(sendmsg(fd, &message, 0));
}

static void socket_sendfile(void)
{
    const int fd = full_socket(), file = open("/proc/self/exe", O_RDONLY);
    off_t at = 0;
    INTERRUPTED(sendfile(fd, file, &at, 4096));
}

static void socket_splice(void)
{
    const int fd = socket_end(), to = pipe_end(1);
    INTERRUPTED(splice(fd, NULL, to, NULL, 4096, 0));
}

/* A TCP socket that listens on the loopback, and where. */
static int listener(struct sockaddr_in *at)
{
    socklen_t len = sizeof(*at);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || bind(fd, (struct sockaddr *)at, sizeof(*at)) || listen(fd, 0) ||
        getsockname(fd, (struct sockaddr *)at, &len))
        die("listen");
    return fd;
}

static void tcp_accept(void)
{
    struct sockaddr_in at;
    const int fd = listener(&at);
    INTERRUPTED(accept(fd, NULL, NULL));
}

static void tcp_accept4(void)
{
    struct sockaddr_in at;
    const int fd = listener(&at);
    INTERRUPTED(accept4(fd, NULL, NULL, SOCK_CLOEXEC));
}

/* Its queue is full: the last one's greeting stays without an answer. */
static void tcp_connect(void)
{
    struct sockaddr_in at;
    listener(&at);
    for (int i = 0; i < 8; i++) {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fd, (struct sockaddr *)&at, sizeof(at));
    }
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    INTERRUPTED(connect(fd, (struct sockaddr *)&at, sizeof(at)));
}

static void unix_connect(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    socklen_t len = sizeof(at);
    const int listening = socket(AF_UNIX, SOCK_STREAM, 0);

    if (bind(listening, (struct sockaddr *)&at, sizeof(at.sun_family)) || listen(listening, 0) ||
        getsockname(listening, (struct sockaddr *)&at, &len))
        die("listen");
    const int first = socket(AF_UNIX, SOCK_STREAM, 0), second = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(first, (struct sockaddr *)&at, len))
        die("connect");
    INTERRUPTED(connect(second, (struct sockaddr *)&at, len));
}

/* ---- poll and select over descriptors of one kind, and of several ---- */

enum { POLL, PPOLL, SELECT, PSELECT, POLL_FOREVER };

static void poll_over(int (*first)(void), int (*other)(void), int cnt, int nr)
{
    struct pollfd p[64];
    struct timespec t = span(wait_ms * MS_NS);
    struct timeval tv = {wait_ms / 1000, wait_ms % 1000 * 1000};
    fd_set in, out, odd;
    int max = 0;

    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&odd);
    for (int i = 0; i < cnt; i++) {
        p[i] = (struct pollfd){i == cnt - 1 ? other() : first(), POLLIN, 0};
        if (p[i].fd > max)
            max = p[i].fd;
        if (i == cnt - 1)
            FD_SET(p[i].fd, nr == PSELECT ? &out : &odd);
        else
            FD_SET(p[i].fd, i & 1 ? &out : &in);
    }
    switch (nr) {
    case POLL:
        RETURNS(0, poll(p, (nfds_t)cnt, (int)wait_ms));
        break;
    case PPOLL:
        RETURNS(0, ppoll(p, (nfds_t)cnt, &t, NULL));
        break;
    case SELECT:
        RETURNS(0, select(max + 1, &in, &out, &odd, &tv));
        break;
    case PSELECT:
        RETURNS(0, pselect(max + 1, &in, &out, &odd, &t, NULL));
        break;
    default:
        INTERRUPTED(poll(p, (nfds_t)cnt, -1));
    }
}

static int read_socket(void)
{
    return socket_end();
}

static int read_pipe(void)
{
    return pipe_end(0);
}

#define OVER(name, first, other, cnt, nr)                                                          \
    static void name(void)                                                                         \
    {                                                                                              \
        poll_over(first, other, cnt, nr);                                                          \
    }
OVER(poll_sockets, read_socket, read_socket, 3, POLL)
OVER(poll_sockets_forever, read_socket, read_socket, 1, POLL_FOREVER)
OVER(ppoll_sockets, read_socket, read_socket, 3, PPOLL)
OVER(select_sockets, read_socket, full_socket, 2, SELECT)
OVER(pselect_sockets, read_socket, full_socket, 2, PSELECT)
OVER(poll_many_sockets, read_socket, read_socket, 40, POLL)
OVER(select_many_sockets, full_socket, read_socket, 39, SELECT)
OVER(poll_pipes, read_pipe, read_pipe, 3, POLL)
OVER(ppoll_pipes, read_pipe, read_pipe, 3, PPOLL)
OVER(select_pipes, read_pipe, full_pipe, 2, SELECT)
OVER(poll_mixed, read_socket, read_pipe, 2, POLL)
OVER(ppoll_mixed, read_pipe, read_socket, 2, PPOLL)
OVER(select_mixed, read_socket, full_pipe, 2, SELECT)
OVER(pselect_mixed, read_pipe, full_socket, 2, PSELECT)
OVER(poll_mixed_late, read_socket, read_pipe, 20, POLL)
OVER(select_mixed_late, full_socket, read_pipe, 39, SELECT)

/* ---- pipe ---- */

static void pipe_read(void)
{
    const int fd = pipe_end(0);
    INTERRUPTED(read(fd, buffer, 1));
}

static void pipe_readv(void)
{
    const int fd = pipe_end(0);
    INTERRUPTED(readv(fd, &vector, 1));
}

static void pipe_write(void)
{
    const int fd = full_pipe();
    INTERRUPTED(write(fd, buffer, sizeof(buffer)));
}

static void pipe_sendfile(void)
{
    const int fd = full_pipe(), file = open("/proc/self/exe", O_RDONLY);
    off_t at = 0;
    INTERRUPTED(sendfile(fd, file, &at, 4096));
}

static void pipe_splice(void)
{
    const int fd = pipe_end(0), to = pipe_end(1);
    INTERRUPTED(splice(fd, NULL, to, NULL, 4096, 0));
}

static void pipe_splice_file(void)
{
    const int fd = full_pipe(), file = open("/proc/self/exe", O_RDONLY);
    loff_t at = 0;
    INTERRUPTED(splice(file, &at, fd, NULL, 4096, 0));
}

static void pipe_tee(void)
{
    const int fd = pipe_end(0), to = pipe_end(1);
    INTERRUPTED(tee(fd, to, 4096, 0));
}

static void pipe_vmsplice(void)
{
    const int fd = full_pipe();
    INTERRUPTED(vmsplice(fd, &vector, 1, 0));
}

static char fifo[] = "waits.fifo.XXXXXX";

static void make_fifo(void)
{
    close(mkstemp(fifo));
    unlink(fifo);
    if (mkfifo(fifo, 0600))
        die("mkfifo");
}

static void fifo_open(void)
{
    make_fifo();
    INTERRUPTED(open(fifo, O_RDONLY));
    unlink(fifo);
}

static void fifo_open_write(void)
{
    make_fifo();
    INTERRUPTED(syscall(SYS_openat, AT_FDCWD, fifo, O_WRONLY, 0));
    unlink(fifo);
}

static void event_read(void)
{
    const int fd = eventfd(0, 0);
    INTERRUPTED(read(fd, buffer, 8));
}

static void event_write(void)
{
    const uint64_t most = UINT64_MAX - 1;
    const int fd = eventfd(0, 0);
    if (write(fd, &most, 8) != 8)
        die("eventfd");
    INTERRUPTED(write(fd, &most, 8));
}

static void tty_read(void)
{
    const int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) || unlockpt(master))
        cannot("a pseudo terminal");
    const int fd = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (fd < 0)
        cannot("a pseudo terminal");
    INTERRUPTED(read(fd, buffer, 1));
}

static void tty_master_read(void)
{
    const int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) || unlockpt(master) ||
        open(ptsname(master), O_RDWR | O_NOCTTY) < 0)
        cannot("a pseudo terminal");
    INTERRUPTED(read(master, buffer, 1));
}

/* ---- event_wait ---- */

static int epoll_over(int fd)
{
    struct epoll_event e = {.events = EPOLLIN};
    const int ep = epoll_create1(0);
    if (ep < 0 || (fd >= 0 && epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e)))
        die("epoll");
    return ep;
}

static void epoll_wait_(void)
{
    struct epoll_event e;
    const int ep = epoll_over(socket_end());
    RETURNS(0, epoll_wait(ep, &e, 1, (int)wait_ms));
}

static void epoll_pwait_(void)
{
    struct epoll_event e;
    sigset_t none;
    const int ep = epoll_over(-1);
    sigemptyset(&none);
    INTERRUPTED(epoll_pwait(ep, &e, 1, -1, &none));
}

static void epoll_pwait2_(void)
{
    struct epoll_event e;
    const struct timespec t = span(wait_ms * MS_NS);
    const int ep = epoll_over(pipe_end(0));
    RETURNS(0, syscall(SYS_epoll_pwait2, ep, &e, 1, &t, NULL, 0));
}

static void epoll_poll(void)
{
    struct pollfd p = {epoll_over(socket_end()), POLLIN, 0};
    RETURNS(0, poll(&p, 1, (int)wait_ms));
}

static int ring(struct io_uring_params *params)
{
    const int fd = (int)syscall(SYS_io_uring_setup, 4, params);
    if (fd < 0)
        cannot("io_uring");
    return fd;
}

static void io_uring_idle(void)
{
    struct io_uring_params params = {0};
    const int fd = ring(&params);
    INTERRUPTED(syscall(SYS_io_uring_enter, fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0));
}

/* With a request under way, which makes the kernel count it as a wait for I/O. */
static void io_uring_read(void)
{
    struct io_uring_params params = {0};
    const int fd = ring(&params), from = pipe_end(0);
    char *sq = mmap(NULL, params.sq_off.array + params.sq_entries * sizeof(uint32_t),
                    PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQ_RING);
    struct io_uring_sqe *sqe = mmap(NULL, params.sq_entries * sizeof(*sqe), PROT_READ | PROT_WRITE,
                                    MAP_SHARED, fd, IORING_OFF_SQES);
    if (sq == MAP_FAILED || sqe == MAP_FAILED)
        die("mmap of the ring");
    *sqe = (struct io_uring_sqe){.opcode = IORING_OP_READ,
                                 .fd = from,
                                 .addr = (uintptr_t)buffer,
                                 .len = 1,
                                 .off = UINT64_MAX};
    memset(sq + params.sq_off.array, 0, sizeof(uint32_t));
    atomic_store((_Atomic uint32_t *)(void *)(sq + params.sq_off.tail), 1);
    if (syscall(SYS_io_uring_enter, fd, 1, 0, 0, NULL, 0) != 1)
        die("io_uring_enter");
    INTERRUPTED(syscall(SYS_io_uring_enter, fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0));
}

/* ---- disk and major faults: many short waits; measured is what was neither run nor queued ---- */

static void repeat(void (*once)(int fd, off_t at, char *to), int fd)
{
    char *to = aligned_alloc(EDGE, EDGE);
    const int64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    uint32_t random = 1;

    if (!to)
        die("aligned_alloc");
    memset(to, 'w', EDGE);
    begin();
    const int64_t end = begun_ns + wait_ms * MS_NS;
    while (clock_ns(CLOCK_MONOTONIC) < end) {
        random = random * 1664525U + 1013904223U;
        once(fd, (off_t)(random >> 8) * EDGE % FILE_SIZE, to);
    }
    finish();
    measured_ns -= clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu + measured_queued_ns;
}

static void once_fsync(int fd, off_t at, char *to)
{
    if (pwrite(fd, to, EDGE, at) != EDGE || fsync(fd))
        die("fsync");
}

static void disk_fsync(void)
{
    repeat(once_fsync, disk_file(0));
}

static void once_fdatasync(int fd, off_t at, char *to)
{
    if (pwrite(fd, to, EDGE, at) != EDGE || fdatasync(fd))
        die("fdatasync");
}

static void disk_fdatasync(void)
{
    repeat(once_fdatasync, disk_file(0));
}

static void once_read(int fd, off_t at, char *to)
{
    if (pread(fd, to, EDGE, at) != EDGE)
        die("pread");
}

static void disk_direct_read(void)
{
    repeat(once_read, disk_file(O_DIRECT));
}

static void once_write(int fd, off_t at, char *to)
{
    if (pwrite(fd, to, EDGE, at) != EDGE)
        die("pwrite");
}

static void disk_direct_write(void)
{
    repeat(once_write, disk_file(O_DIRECT));
}

static void disk_sync_write(void)
{
    repeat(once_write, disk_file(O_SYNC));
}

static void once_miss(int fd, off_t at, char *to)
{
    posix_fadvise(fd, at, EDGE, POSIX_FADV_DONTNEED);
    if (lseek(fd, at, SEEK_SET) != at || read(fd, to, EDGE) != EDGE)
        die("read");
}

static void disk_miss(void)
{
    const int fd = disk_file(0);
    posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
    repeat(once_miss, fd);
}

static char *mapped;

static void once_msync(int fd, off_t at, char *to)
{
    if (pread(fd, to, EDGE, at) != EDGE) /* or the store would fault */
        die("pread");
    mapped[at]++;
    if (msync(mapped + at, EDGE, MS_SYNC))
        die("msync");
}

static void disk_msync(void)
{
    const int fd = disk_file(0);
    mapped = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    repeat(once_msync, fd);
}

static void once_major(int fd, off_t at, char *to)
{
    madvise(mapped + at, EDGE, MADV_DONTNEED); /* out of our tables, then out of the cache */
    posix_fadvise(fd, at, EDGE, POSIX_FADV_DONTNEED);
    *to = *(volatile char *)(mapped + at);
}

/* The disk in a call that is not of files. */
static void once_populate(int fd, off_t at, char *to)
{
    (void)to;
    madvise(mapped + at, EDGE, MADV_DONTNEED);
    posix_fadvise(fd, at, EDGE, POSIX_FADV_DONTNEED);
    if (madvise(mapped + at, EDGE, MADV_POPULATE_READ))
        cannot("MADV_POPULATE_READ");
}

static void disk_populate(void)
{
    const int fd = disk_file(0);
    mapped = mmap(NULL, FILE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
    madvise(mapped, FILE_SIZE, MADV_RANDOM);
    repeat(once_populate, fd);
}

static void fault_major(void)
{
    const int fd = disk_file(0);
    mapped = mmap(NULL, FILE_SIZE, PROT_READ, MAP_SHARED, fd, 0);
    madvise(mapped, FILE_SIZE, MADV_RANDOM);
    repeat(once_major, fd);
}

/* ---- fault ---- */

static int user_fd;

static void *resolve(void *page)
{
    static char zero[EDGE];
    struct uffd_msg m;
    struct uffdio_copy copy = {
        .dst = (uintptr_t)page, .src = (uintptr_t)zero, .len = (unsigned)sysconf(_SC_PAGESIZE)};

    if (read(user_fd, &m, sizeof(m)) != sizeof(m) || m.event != UFFD_EVENT_PAGEFAULT)
        die("userfaultfd");
    nap(wait_ms);
    if (ioctl(user_fd, UFFDIO_COPY, &copy))
        die("UFFDIO_COPY");
    return page;
}

static void fault_user(void)
{
    const size_t size = (size_t)sysconf(_SC_PAGESIZE);
    struct uffdio_api api = {.api = UFFD_API};
    volatile char *page =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct uffdio_register what = {.range = {(uintptr_t)page, size},
                                   .mode = UFFDIO_REGISTER_MODE_MISSING};

    if (size > EDGE)
        cannot("large pages");
    user_fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
    if (user_fd < 0 || ioctl(user_fd, UFFDIO_API, &api) || ioctl(user_fd, UFFDIO_REGISTER, &what))
        cannot("userfaultfd");
    thread(resolve, (void *)page);
    begin();
    page[0] = 1;
    finish();
}

/* ---- child ---- */

static void child_wait4(void)
{
    const pid_t pid = process(act_sleep);
    RETURNS(pid, wait4(pid, NULL, 0, NULL));
}

static void child_waitid(void)
{
    siginfo_t info;
    const pid_t pid = process(act_sleep);
    RETURNS(0, waitid(P_PID, (id_t)pid, &info, WEXITED));
}

static void child_pidfd(void)
{
    const pid_t pid = process(act_sleep);
    struct pollfd p = {(int)syscall(SYS_pidfd_open, pid, 0), POLLIN, 0};
    if (p.fd < 0)
        cannot("pidfd_open");
    RETURNS(1, poll(&p, 1, -1));
}

static void child_vfork(void)
{
    begin();
    const pid_t pid = vfork(); /* NOLINT */
    if (!pid) {
        nap(wait_ms);
        _exit(0);
    }
    finish();
    if (pid < 0)
        die("vfork");
}

static void act_open_fifo(pid_t parent)
{
    (void)parent;
    nap(wait_ms);
    const int fd = open(fifo, O_WRONLY);
    if (fd >= 0)
        nap(20);
}

/* The new process opens a FIFO before its exec, which the other end does MS later. */
static void child_spawn(void)
{
    static char *argv[] = {"true", NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid;

    make_fifo();
    process(act_open_fifo);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, fifo, O_RDONLY, 0);
    RETURNS(0, posix_spawnp(&pid, "true", &actions, NULL, argv, environ));
    unlink(fifo);
}

static int nap_and_end(void *arg)
{
    (void)arg;
    nap(wait_ms);
    _exit(0);
}

static void child_clone(void)
{
    static char stack[65536] __attribute__((aligned(16)));
    begin();
    const int pid =
        clone(nap_and_end, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    finish();
    if (pid < 0)
        die("clone");
}

static void child_clone3(void)
{
    struct {
        uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
    } args = {.flags = CLONE_VFORK, .exit_signal = SIGCHLD};

    begin();
    const long pid = syscall(SYS_clone3, &args, sizeof(args));
    if (!pid)
        nap_and_end(NULL);
    finish();
    if (pid < 0)
        cannot("clone3");
}

/* ---- signal ---- */

static sigset_t block_alarm(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return set;
}

static void signal_pause(void)
{
    INTERRUPTED(pause());
}

static void signal_suspend(void)
{
    sigset_t none;
    sigemptyset(&none);
    INTERRUPTED(sigsuspend(&none));
}

static void signal_timedwait(void)
{
    const sigset_t set = block_alarm();
    const struct timespec t = span(60000 * MS_NS);
    set_alarm();
    RETURNS(SIGALRM, sigtimedwait(&set, NULL, &t));
}

static void signal_wait(void)
{
    const sigset_t set = block_alarm();
    set_alarm();
    RETURNS(SIGALRM, sigwaitinfo(&set, NULL));
}

static void signal_fd_read(void)
{
    const sigset_t set = block_alarm();
    const int fd = signalfd(-1, &set, 0);
    struct signalfd_siginfo info;
    set_alarm();
    RETURNS(sizeof(info), read(fd, &info, sizeof(info)));
}

static void signal_poll(void)
{
    INTERRUPTED(poll(NULL, 0, -1));
}

static void signal_ppoll(void)
{
    INTERRUPTED(ppoll(NULL, 0, NULL, NULL));
}

static void signal_select(void)
{
    INTERRUPTED(select(0, NULL, NULL, NULL, NULL));
}

/* ---- stopped ---- */

static void act_continue(pid_t parent)
{
    nap(wait_ms);
    kill(parent, SIGCONT);
}

static void stopped_sigstop(void)
{
    process(act_continue);
    begin();
    kill(getpid(), SIGSTOP);
    finish();
}

static atomic_int *seized;

static void act_trace(pid_t parent)
{
    int status;
    if (ptrace(PTRACE_SEIZE, parent, NULL, NULL)) {
        atomic_store(seized, -errno);
        return;
    }
    atomic_store(seized, 1);
    if (waitpid(parent, &status, __WALL) != parent || !WIFSTOPPED(status))
        die("waitpid of the tracee");
    nap(wait_ms);
    ptrace(PTRACE_DETACH, parent, NULL, NULL);
}

/* The signal is caught by the tracer, which lets us go on without it. */
static void stopped_ptrace(void)
{
    seized = shared(sizeof(*seized));
    process(act_trace);
    while (!atomic_load(seized))
        sched_yield();
    errno = -atomic_load(seized);
    if (errno > 0)
        cannot("ptrace");
    begin();
    kill(getpid(), SIGUSR1);
    finish();
}

/* The second version's freezer, which holds a thread in an ordinary sleep. */
static int put(const char *dir, const char *file, const char *text)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", dir, file);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
    close(fd);
    return n < 0 ? -1 : 0;
}

/* Where the control groups of the second version are, and below that, which of them is pid's. */
static bool group_of(pid_t pid, const char **root, char own[256])
{
    char line[256];
    snprintf(line, sizeof(line), "/proc/%d/cgroup", pid);
    FILE *f = fopen(line, "r");

    *root = "/sys/fs/cgroup/unified";
    if (!access("/sys/fs/cgroup/cgroup.procs", F_OK))
        *root = "/sys/fs/cgroup";
    own[0] = '\0';
    while (f && fgets(line, sizeof(line), f)) {
        line[strcspn(line, "\n")] = '\0';
        if (!strncmp(line, "0::", 3))
            memcpy(own, line + 3, sizeof(line) - 3);
    }
    if (f)
        fclose(f);
    return own[0];
}

static atomic_int *frozen;

static void act_freeze(pid_t parent)
{
    const char *root;
    char own[256], back[320], group[128], pid[16];

    snprintf(pid, sizeof(pid), "%d", parent);
    if (!group_of(parent, &root, own)) {
        atomic_store(frozen, -1);
        return;
    }
    snprintf(group, sizeof(group), "%s/conctrace-waits.%d", root, parent);
    snprintf(back, sizeof(back), "%s%s", root, own);
    if (!mkdir(group, 0700) && !put(group, "cgroup.procs", pid)) {
        atomic_store(frozen, 1);
        while (atomic_load(frozen) < 2)
            sched_yield();
        put(group, "cgroup.freeze", "1");
        nap(wait_ms);
        put(group, "cgroup.freeze", "0");
        put(back, "cgroup.procs", pid);
        atomic_store(frozen, 3);
    } else {
        atomic_store(frozen, -1);
    }
    rmdir(group);
}

/* The greatest hole in time that a busy thread sees, without what of it is queueing. */
static void stopped_freezer(void)
{
    int64_t hole = 0;

    frozen = shared(sizeof(*frozen));
    process(act_freeze);
    while (!atomic_load(frozen))
        sched_yield();
    errno = ENOTSUP;
    if (atomic_load(frozen) < 0)
        cannot("a control group");
    begin();
    atomic_store(frozen, 2);
    while (atomic_load(frozen) < 3) {
        const int64_t since = begun_ns;
        begun_ns = clock_ns(CLOCK_MONOTONIC);
        if (begun_ns - since < MS_NS)
            continue;
        begun_ns = since;
        finish();
        if (measured_ns > hole)
            hole = measured_ns;
        begin();
    }
    measured_ns = hole;
}

/* ---- other ---- */

static void other_flock(void)
{
    char path[] = "waits.XXXXXX";
    const int held = mkstemp(path), fd = open(path, O_RDWR);
    unlink(path);
    if (fd < 0 || flock(held, LOCK_EX))
        die("flock");
    INTERRUPTED(flock(fd, LOCK_EX));
}

static void other_fcntl(void)
{
    char path[] = "waits.XXXXXX";
    struct flock all = {.l_type = F_WRLCK};
    const int held = mkstemp(path), fd = open(path, O_RDWR);
    unlink(path);
    if (fd < 0 || fcntl(held, F_OFD_SETLK, &all))
        die("fcntl");
    INTERRUPTED(fcntl(fd, F_OFD_SETLKW, &all));
}

static void other_semop(void)
{
    struct sembuf take = {0, -1, 0};
    const int id = semget(IPC_PRIVATE, 1, 0600);
    if (id < 0)
        cannot("semget");
    INTERRUPTED(semop(id, &take, 1));
    semctl(id, 0, IPC_RMID);
}

static void other_msgrcv(void)
{
    const int id = msgget(IPC_PRIVATE, 0600);
    if (id < 0)
        cannot("msgget");
    INTERRUPTED(msgrcv(id, buffer, 16, 0, 0));
    msgctl(id, IPC_RMID, NULL);
}

static mqd_t queue(void)
{
    struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};
    char name[32];
    snprintf(name, sizeof(name), "/waits.%d", getpid());
    const mqd_t q = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attr);
    if (q == (mqd_t)-1)
        cannot("mq_open");
    mq_unlink(name);
    return q;
}

static void other_mq(void)
{
    const mqd_t q = queue();
    INTERRUPTED(mq_receive(q, buffer, 16, NULL));
}

static void other_mq_poll(void)
{
    struct pollfd p = {queue(), POLLIN, 0};
    RETURNS(0, poll(&p, 1, (int)wait_ms));
}

static void other_inotify(void)
{
    const int fd = inotify_init1(0);
    INTERRUPTED(read(fd, buffer, sizeof(buffer)));
}

/* ---- what a stop interrupts goes on afterwards: under its own cause, the stop under stopped ----
 */

static void act_interrupt(pid_t parent)
{
    nap(wait_ms / 3);
    const int64_t from = clock_ns(CLOCK_MONOTONIC);
    kill(parent, SIGSTOP);
    nap(wait_ms / 3);
    *second_ns = clock_ns(CLOCK_MONOTONIC) - from;
    kill(parent, SIGCONT);
}

static void interrupt(void)
{
    second_ns = shared(sizeof(*second_ns));
    process(act_interrupt);
}

static void restart_nanosleep(void)
{
    interrupt();
    nanosleep_();
}

static void restart_clock_nanosleep(void)
{
    interrupt();
    clock_nanosleep_until();
}

static void restart_poll(void)
{
    interrupt();
    poll_sockets();
}

static void restart_futex(void)
{
    interrupt();
    futex_wait();
}

static void restart_pselect(void)
{
    interrupt();
    pselect_nothing();
}

static void restart_pipe(void)
{
    interrupt();
    pipe_read();
}

static void restart_wait4(void)
{
    interrupt();
    child_wait4();
}

/* ---- the 32-bit table, by int $0x80, with all that is pointed at below 4 GiB ---- */

#ifdef __x86_64__
static long int80(long nr, long a, long b, long c, long d, long e)
{
    long r;
    __asm__ volatile("int $0x80"
                     : "=a"(r)
                     : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory", "r8", "r9", "r10", "r11");
    if (r < 0 && r > -4096) {
        errno = (int)-r;
        return -1;
    }
    return r;
}

static void on_fault(int sig)
{
    (void)sig;
    errno = ENOSYS;
    cannot("int $0x80");
}

/* A page below 4 GiB, if this kernel takes such calls. */
static void *low(void)
{
    void *p =
        mmap(NULL, EDGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (p == MAP_FAILED)
        cannot("memory below 4 GiB");
    signal(SIGSEGV, on_fault);
    if (int80(20, 0, 0, 0, 0, 0) != getpid()) /* getpid; without the table it is no such call */
        cannot("int $0x80");
    signal(SIGSEGV, SIG_DFL);
    return p;
}

static int32_t *low_span(void)
{
    int32_t *t = low();
    t[0] = (int32_t)(wait_ms / 1000);
    t[1] = (int32_t)(wait_ms % 1000 * MS_NS);
    return t;
}

#define AT(p) ((long)(uintptr_t)(p))

static void compat_nanosleep(void)
{
    const int32_t *t = low_span();
    RETURNS(0, int80(162, AT(t), 0, 0, 0, 0));
}

static void compat_clock_nanosleep64(void)
{
    int64_t *t = low();
    t[0] = wait_ms / 1000;
    t[1] = wait_ms % 1000 * MS_NS;
    RETURNS(0, int80(407, CLOCK_MONOTONIC, 0, AT(t), 0, 0));
}

static void compat_read(void)
{
    const int fd = pipe_end(0);
    char *to = low();
    INTERRUPTED(int80(3, fd, AT(to), 1, 0, 0));
}

static void compat_read_socket(void)
{
    const int fd = socket_end();
    char *to = low();
    INTERRUPTED(int80(3, fd, AT(to), 1, 0, 0));
}

static void compat_poll(void)
{
    struct pollfd *p = low();
    p[0] = (struct pollfd){socket_end(), POLLIN, 0};
    RETURNS(0, int80(168, AT(p), 1, wait_ms, 0, 0));
}

static void compat_poll_forever(void)
{
    struct pollfd *p = low();
    INTERRUPTED(int80(168, AT(p), 0, -1, 0, 0));
}

static void compat_futex(void)
{
    int32_t *t = low_span();
    RETURNS(-1, int80(240, AT(t + 8), FUTEX_WAIT_PRIVATE, 0, AT(t), 0));
}

static void compat_newselect(void)
{
    int32_t *t = low_span();
    const int fd = pipe_end(0);
    t[1] /= 1000;
    t[8 + fd / 32] = 1 << fd % 32;
    RETURNS(0, int80(142, fd + 1, AT(t + 8), 0, 0, AT(t)));
}

/* The oldest select has its arguments in memory. */
static void compat_old_select(void)
{
    int32_t *t = low_span(), *args = t + 64;
    const int fd = pipe_end(0);
    t[1] /= 1000;
    t[8 + fd / 32] = 1 << fd % 32;
    args[0] = fd + 1;
    args[1] = (int32_t)AT(t + 8);
    args[4] = (int32_t)AT(t);
    RETURNS(0, int80(82, AT(args), 0, 0, 0, 0));
}

static void compat_socketcall(void)
{
    int32_t *args = low();
    args[0] = socket_end();
    args[1] = (int32_t)AT(args + 16);
    args[2] = 1;
    INTERRUPTED(int80(102, 10 /* SYS_RECV */, AT(args), 0, 0, 0));
}

static void compat_pause(void)
{
    low();
    INTERRUPTED(int80(29, 0, 0, 0, 0, 0));
}

static void compat_waitpid(void)
{
    low();
    const pid_t pid = process(act_sleep);
    RETURNS(pid, int80(7, pid, 0, 0, 0, 0));
}

static void compat_vfork(void)
{
    low();
    begin();
    const long pid = int80(120, CLONE_VFORK | SIGCHLD, 0, 0, 0, 0); /* clone */
    if (!pid)
        nap_and_end(NULL);
    finish();
    if (pid < 0)
        die("clone");
}

static void compat_restart_nanosleep(void)
{
    low();
    interrupt();
    compat_nanosleep();
}
#else
static void no_compat(void)
{
    errno = ENOSYS;
    cannot("int $0x80");
}
#define compat_nanosleep         no_compat
#define compat_clock_nanosleep64 no_compat
#define compat_read              no_compat
#define compat_read_socket       no_compat
#define compat_poll              no_compat
#define compat_poll_forever      no_compat
#define compat_futex             no_compat
#define compat_newselect         no_compat
#define compat_old_select        no_compat
#define compat_socketcall        no_compat
#define compat_pause             no_compat
#define compat_waitpid           no_compat
#define compat_vfork             no_compat
#define compat_restart_nanosleep no_compat
#endif

/* ---- the table ---- */

static const struct row {
    const char *name;
    const char *cause;
    void (*wait)(void);
    const char *second; /* the other cause, if the wait is of two parts */
} rows[] = {
    {"futex", "lock", futex_wait, NULL},
    {"futex-eintr", "lock", futex_eintr, NULL},
    {"futex-shared", "lock", futex_shared, NULL},
    {"futex-waitv", "lock", futex_waitv, NULL},
    {"futex-wait2", "lock", futex_wait2, NULL},
    {"futex-pi", "lock", futex_pi, NULL},
    {"mutex", "lock", mutex_lock, NULL},
    {"rwlock", "lock", rwlock_read, NULL},
    {"cond", "lock", cond_wait, NULL},
    {"join", "lock", join, NULL},
    {"barrier", "lock", barrier_wait, NULL},
    {"sem", "lock", sem_wait_, NULL},

    {"nanosleep", "sleep", nanosleep_, NULL},
    {"clock-nanosleep", "sleep", clock_nanosleep_, NULL},
    {"clock-nanosleep-until", "sleep", clock_nanosleep_until, NULL},
    {"timerfd-read", "sleep", timerfd_read, NULL},
    {"timerfd-poll", "sleep", timerfd_poll, NULL},
    {"poll-nothing", "sleep", poll_nothing, NULL},
    {"poll-ignored", "sleep", poll_ignored, NULL},
    {"ppoll-nothing", "sleep", ppoll_nothing, NULL},
    {"select-nothing", "sleep", select_nothing, NULL},
    {"pselect-nothing", "sleep", pselect_nothing, NULL},

    {"socket-read", "socket", socket_read, NULL},
    {"socket-readv", "socket", socket_readv, NULL},
    {"socket-recv", "socket", socket_recv, NULL},
    {"socket-recvmsg", "socket", socket_recvmsg, NULL},
    {"socket-recvmmsg", "socket", socket_recvmmsg, NULL},
    {"socket-write", "socket", socket_write, NULL},
    {"socket-send", "socket", socket_send, NULL},
    {"socket-sendmsg", "socket", socket_sendmsg, NULL},
    {"socket-sendfile", "socket", socket_sendfile, NULL},
    {"socket-splice", "socket", socket_splice, NULL},
    {"tcp-accept", "socket", tcp_accept, NULL},
    {"tcp-accept4", "socket", tcp_accept4, NULL},
    {"tcp-connect", "socket", tcp_connect, NULL},
    {"unix-connect", "socket", unix_connect, NULL},
    {"poll-sockets", "socket", poll_sockets, NULL},
    {"poll-sockets-forever", "socket", poll_sockets_forever, NULL},
    {"poll-many-sockets", "socket", poll_many_sockets, NULL},
    {"ppoll-sockets", "socket", ppoll_sockets, NULL},
    {"select-sockets", "socket", select_sockets, NULL},
    {"select-many-sockets", "socket", select_many_sockets, NULL},
    {"pselect-sockets", "socket", pselect_sockets, NULL},

    {"pipe-read", "pipe", pipe_read, NULL},
    {"pipe-readv", "pipe", pipe_readv, NULL},
    {"pipe-write", "pipe", pipe_write, NULL},
    {"pipe-sendfile", "pipe", pipe_sendfile, NULL},
    {"pipe-splice", "pipe", pipe_splice, NULL},
    {"pipe-splice-file", "pipe", pipe_splice_file, NULL},
    {"pipe-tee", "pipe", pipe_tee, NULL},
    {"pipe-vmsplice", "pipe", pipe_vmsplice, NULL},
    {"fifo-open", "pipe", fifo_open, NULL},
    {"fifo-open-write", "pipe", fifo_open_write, NULL},
    {"eventfd-read", "pipe", event_read, NULL},
    {"eventfd-write", "pipe", event_write, NULL},
    {"tty-read", "pipe", tty_read, NULL},
    {"tty-master-read", "pipe", tty_master_read, NULL},
    {"poll-pipes", "pipe", poll_pipes, NULL},
    {"ppoll-pipes", "pipe", ppoll_pipes, NULL},
    {"select-pipes", "pipe", select_pipes, NULL},

    {"epoll-wait", "event_wait", epoll_wait_, NULL},
    {"epoll-pwait", "event_wait", epoll_pwait_, NULL},
    {"epoll-pwait2", "event_wait", epoll_pwait2_, NULL},
    {"epoll-poll", "event_wait", epoll_poll, NULL},
    {"poll-mixed", "event_wait", poll_mixed, NULL},
    {"poll-mixed-late", "event_wait", poll_mixed_late, NULL},
    {"ppoll-mixed", "event_wait", ppoll_mixed, NULL},
    {"select-mixed", "event_wait", select_mixed, NULL},
    {"select-mixed-late", "event_wait", select_mixed_late, NULL},
    {"pselect-mixed", "event_wait", pselect_mixed, NULL},
    {"io-uring-idle", "event_wait", io_uring_idle, NULL},
    {"io-uring-read", "event_wait", io_uring_read, NULL},

    {"disk-fsync", "disk", disk_fsync, NULL},
    {"disk-fdatasync", "disk", disk_fdatasync, NULL},
    {"disk-direct-read", "disk", disk_direct_read, NULL},
    {"disk-direct-write", "disk", disk_direct_write, NULL},
    {"disk-sync-write", "disk", disk_sync_write, NULL},
    {"disk-miss", "disk", disk_miss, NULL},
    {"disk-msync", "disk", disk_msync, NULL},
    {"disk-populate", "disk", disk_populate, NULL},

    {"fault-user", "fault", fault_user, NULL},
    {"fault-major", "fault", fault_major, NULL},

    {"child-wait4", "child", child_wait4, NULL},
    {"child-waitid", "child", child_waitid, NULL},
    {"child-pidfd", "child", child_pidfd, NULL},
    {"child-vfork", "child", child_vfork, NULL},
    {"child-spawn", "child", child_spawn, NULL},
    {"child-clone", "child", child_clone, NULL},
    {"child-clone3", "child", child_clone3, NULL},

    {"signal-pause", "signal", signal_pause, NULL},
    {"signal-suspend", "signal", signal_suspend, NULL},
    {"signal-timedwait", "signal", signal_timedwait, NULL},
    {"signal-wait", "signal", signal_wait, NULL},
    {"signal-fd-read", "signal", signal_fd_read, NULL},
    {"signal-poll", "signal", signal_poll, NULL},
    {"signal-ppoll", "signal", signal_ppoll, NULL},
    {"signal-select", "signal", signal_select, NULL},

    {"stopped-sigstop", "stopped", stopped_sigstop, NULL},
    {"stopped-ptrace", "stopped", stopped_ptrace, NULL},
    {"stopped-freezer", "stopped", stopped_freezer, NULL},

    {"other-flock", "other", other_flock, NULL},
    {"other-fcntl", "other", other_fcntl, NULL},
    {"other-semop", "other", other_semop, NULL},
    {"other-msgrcv", "other", other_msgrcv, NULL},
    {"other-mq", "other", other_mq, NULL},
    {"other-mq-poll", "other", other_mq_poll, NULL},
    {"other-inotify", "other", other_inotify, NULL},

    {"restart-nanosleep", "sleep", restart_nanosleep, "stopped"},
    {"restart-clock-nanosleep", "sleep", restart_clock_nanosleep, "stopped"},
    {"restart-pselect", "sleep", restart_pselect, "stopped"},
    {"restart-poll", "socket", restart_poll, "stopped"},
    {"restart-futex", "lock", restart_futex, "stopped"},
    {"restart-pipe", "pipe", restart_pipe, "stopped"},
    {"restart-wait4", "child", restart_wait4, "stopped"},

    {"compat-nanosleep", "sleep", compat_nanosleep, NULL},
    {"compat-clock-nanosleep64", "sleep", compat_clock_nanosleep64, NULL},
    {"compat-read", "pipe", compat_read, NULL},
    {"compat-read-socket", "socket", compat_read_socket, NULL},
    {"compat-poll", "socket", compat_poll, NULL},
    {"compat-poll-forever", "signal", compat_poll_forever, NULL},
    {"compat-futex", "lock", compat_futex, NULL},
    {"compat-newselect", "pipe", compat_newselect, NULL},
    {"compat-old-select", "pipe", compat_old_select, NULL},
    {"compat-socketcall", "socket", compat_socketcall, NULL},
    {"compat-pause", "signal", compat_pause, NULL},
    {"compat-waitpid", "child", compat_waitpid, NULL},
    {"compat-vfork", "child", compat_vfork, NULL},
    {"compat-restart-nanosleep", "sleep", compat_restart_nanosleep, "stopped"},
};

#define ROW_CNT (sizeof(rows) / sizeof(rows[0]))

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "--list")) {
        for (size_t i = 0; i < ROW_CNT; i++)
            printf("%s %s%s%s\n", rows[i].name, rows[i].cause, rows[i].second ? " " : "",
                   rows[i].second ? rows[i].second : "");
        return 0;
    }
    if (argc != 3 || (wait_ms = strtoll(argv[2], NULL, 10)) <= 0) {
        fputs("usage: waits NAME MS | waits --list\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < ROW_CNT; i++) {
        if (strcmp(rows[i].name, argv[1]) != 0)
            continue;
        schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
        rows[i].wait();
        if (rows[i].second)
            printf("%lld %lld\n", (long long)(measured_ns - *second_ns), (long long)*second_ns);
        else
            printf("%lld\n", (long long)measured_ns);
        fflush(stdout);
        _exit(0); /* the helpers end with us, or by themselves */
    }
    fprintf(stderr, "waits: no such way: %s\n", argv[1]);
    return 2;
}

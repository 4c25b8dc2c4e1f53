// What the kernel itself needs for a round trip of one byte between two processes, and for 24 bytes each way in a stream: the floor under any pool
// that uses it. The first argument is the way: pipe, yielding (a pipe, asked for 20 microseconds with sched_yield before the asker sleeps), socketpair,
// futex or spin. Questions and answers as in pool.py.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1 << 20, FRAME = 24, BURST = 4096 };

struct shared {
    _Alignas(64) _Atomic int request;
    _Alignas(64) _Atomic int answer;
    _Alignas(64) _Atomic int asked; // somebody measures: until then the spinning child sleeps, or it would take a processor from the others
};

static int to_child[2], to_parent[2]; // [0] is read, [1] is written
static struct shared *cell;
static double times[MOST];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int rising(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Waking a sleeper on another processor takes tens of microseconds, asking again less than one.
static ssize_t receive(int descriptor, void *bytes, size_t count) {
    struct pollfd readable = {descriptor, POLLIN, 0};
    for (double start = now();;) {
        ssize_t got = read(descriptor, bytes, count);
        if (got >= 0) return got;
        if (now() - start < 20) sched_yield();
        else poll(&readable, 1, -1);
    }
}

static void wait_for(_Atomic int *word, int value, int spin) {
    for (int seen; (seen = atomic_load(word)) < value;) {
        if (spin && atomic_load(&cell->asked)) __builtin_ia32_pause();
        else if (spin) syscall(SYS_futex, &cell->asked, FUTEX_WAIT, 0, NULL, NULL, 0);
        else syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
    }
}

static void publish(_Atomic int *word, int value, int spin) {
    atomic_store(word, value);
    if (!spin) syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void serve(int shared, int spin) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    static char bytes[65536];
    for (int i = 1; shared; i++) {
        wait_for(&cell->request, i, spin);
        publish(&cell->answer, i, spin);
    }
    for (ssize_t count; (count = receive(to_child[0], bytes, sizeof bytes)) > 0;)
        if (write(to_parent[1], bytes, count) != count) break;
    _exit(0);
}

static void round_trips(double seconds, int shared, int spin) {
    static int last;
    int count = 0;
    char byte = 1;
    if (shared) publish(&cell->asked, 1, 0);
    for (double end = now() + seconds * 1e6, start; count < MOST && (start = now()) < end; count++) {
        if (shared) {
            publish(&cell->request, ++last, spin);
            wait_for(&cell->answer, last, spin);
        } else if (write(to_child[1], &byte, 1) != 1 || receive(to_parent[0], &byte, 1) != 1) {
            exit(1);
        }
        times[count] = now() - start;
    }
    if (shared) atomic_store(&cell->asked, 0);
    qsort(times, count, sizeof *times, rising);
    const double percentiles[] = {50, 75, 90, 95, 99, 99.5, 99.9};
    for (int i = 0; i < 7; i++) printf("%.3f ", times[(int)(count * percentiles[i] / 100)]);
    printf("\n");
}

// A stream of frames, many to a write: at most as much in flight as the smaller pipe holds, so that neither side blocks the other for ever.
static void stream(double seconds) {
    static char bytes[65536];
    long frames = 0;
    double start = now(), end = start + seconds * 1e6;
    while (now() < end) {
        size_t burst = (size_t)BURST / FRAME * FRAME;
        if (write(to_child[1], bytes, burst) != (ssize_t)burst) exit(1);
        for (size_t got = 0; got < burst;) {
            ssize_t count = receive(to_parent[0], bytes, sizeof bytes);
            if (count <= 0) exit(1);
            got += count;
        }
        frames += burst / FRAME;
    }
    printf("%.0f\n", frames / ((now() - start) / 1e6));
}

int main(int argc, char **argv) {
    const char *way = argc > 1 ? argv[1] : "pipe";
    int spin = !strcmp(way, "spin"), shared = spin || !strcmp(way, "futex");
    if (shared) {
        cell = mmap(NULL, sizeof *cell, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (cell == MAP_FAILED) return 1;
    } else if (!strcmp(way, "socketpair")) {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) return 1;
        to_child[1] = to_parent[0] = ends[0];
        to_child[0] = to_parent[1] = ends[1];
    } else if (pipe(to_child) || pipe(to_parent)) {
        return 1;
    }
    if (!strcmp(way, "yielding")) {
        fcntl(to_child[0], F_SETFL, O_NONBLOCK);
        fcntl(to_parent[0], F_SETFL, O_NONBLOCK);
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) serve(shared, spin);
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("ready C\n");
    char question[64];
    double argument;
    for (char line[256]; fgets(line, sizeof line, stdin);) {
        if (sscanf(line, "%63s %lf", question, &argument) < 1 || !strcmp(question, "quit")) break;
        if (!strcmp(question, "latency")) round_trips(argument, shared, spin);
        else if (!strcmp(question, "rate") && !shared) stream(argument);
        else printf("-\n");
    }
    kill(child, SIGKILL);
    return 0;
}

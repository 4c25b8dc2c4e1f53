// A stand-in for a worker: speaks docs/protocol.md, takes an int as its only argument, sleeps that many microseconds and answers with the int.
// It needs no processor while it "works" and a few hundred KiB of memory, so that a thousand of them show what one parent can carry.
#define _GNU_SOURCE
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { REQUESTS = 3, ANSWERS = 4, STATUS = 5 };                                   // descriptors
enum { CONFIGURE = 1, CALL = 3, LEAVE = 5, READY = 65, RESULT = 67 };             // kinds of frames
enum { RUNNING_AT = 8, BUSY_AT = 56, CLAIMS_AT = 256, PAGE = 4096 + 64 * 1024, STARTED = 1 };   // the status page

struct header {
    int32_t length;
    uint8_t kind, flags;
    uint16_t slot;
    int64_t call;
};

static char bytes[256 * 1024];
static size_t begin, end;

// Waits until so many bytes lie in the buffer; 0 when the parent is gone.
static int have(size_t count) {
    if (begin + count > sizeof bytes) {
        memmove(bytes, bytes + begin, end - begin);
        end -= begin;
        begin = 0;
    }
    while (end - begin < count) {
        ssize_t got = read(REQUESTS, bytes + end, sizeof bytes - end);
        if (got <= 0) return 0;
        end += got;
    }
    return 1;
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

static void work(int32_t microseconds) {
    if (microseconds <= 0) return;
    struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000L};
    nanosleep(&time, NULL);
}

int main(void) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1UL); // sleeps end when they should
    char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, STATUS, 0);
    if (page == MAP_FAILED) return 1;
    _Atomic int64_t *claims = (_Atomic int64_t *)(page + CLAIMS_AT), *running = (_Atomic int64_t *)(page + RUNNING_AT);
    _Atomic int64_t *busy = (_Atomic int64_t *)(page + BUSY_AT);
    struct { struct header header; int32_t value; uint32_t mark; } answer;
    for (struct header header; have(sizeof header);) {
        memcpy(&header, bytes + begin, sizeof header);
        if (header.length > (int32_t)(sizeof bytes - sizeof header) || !have(sizeof header + header.length)) return 1;
        char *payload = bytes + begin + sizeof header;
        begin += sizeof header + header.length;
        memset(&answer, 0, sizeof answer);
        if (header.kind == LEAVE) return 0;
        if (header.kind == CONFIGURE) {
            answer.header.kind = READY;
            if (write(ANSWERS, &answer, sizeof answer.header) < 0) return 1;
        }
        if (header.kind != CALL) continue;
        int64_t offered = header.call << 2;
        if (!atomic_compare_exchange_strong(&claims[header.slot], &offered, offered | STARTED)) continue; // taken back
        int64_t began = now();
        atomic_store(running, header.call);
        memcpy(&answer.value, payload + header.length - sizeof answer.value, sizeof answer.value);
        work(answer.value);
        answer.header = (struct header){sizeof answer.value + sizeof answer.mark, RESULT, 0, header.slot, header.call};
        answer.mark = ~(uint32_t)header.call * 0x9E3779B1u; // as AnswerMark has it
        atomic_store(busy, *busy + now() - began); // it says itself how long its calls take
        if (write(ANSWERS, &answer, sizeof answer) < 0) return 1;
        atomic_store(running, 0);
    }
    return 0;
}

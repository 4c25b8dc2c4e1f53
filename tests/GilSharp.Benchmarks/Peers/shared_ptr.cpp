// C++'s counted handle, measured as RefCountRatios measures ours: the best of a few rounds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

static void keep(std::shared_ptr<long> &handle) { asm volatile("" : : "g"(&handle) : "memory"); }

int main() {
    // libstdc++ counts without atomics until a second thread has been started.
    std::thread([] {}).join();

    const int operations = 5000000;
    auto shared = std::make_shared<long>(1);
    double best = 1e9;
    for (int round = 0; round < 7; round++) {
        auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < operations; i++) {
            auto copy = shared;
            keep(copy);
        }

        std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - start;
        best = std::min(best, time.count() / operations);
    }

    std::printf("shared_ptr %.2f\n", best);
}

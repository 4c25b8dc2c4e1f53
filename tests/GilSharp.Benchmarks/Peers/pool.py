"""Python's pools under the same questions as GilSharp's: one question a line on standard input, one answer a line on standard output.

Questions: latency SECONDS | rate SECONDS | stream SECONDS | map SECONDS | send BYTES | cold | resident | countdown STEPS | quit.
An answer is numbers with spaces between them, or "-" for what this pool does not have. Times are in microseconds, colds in milliseconds.
"""
import sys
import time

PERCENTILES = (50, 75, 90, 95, 99, 99.5, 99.9)


def increment(x):
    return x + 1


def length(x):
    return len(x)


def countdown(n):
    while n > 0:
        n -= 1
    return n


class MultiprocessingPool:
    def __init__(self, method):
        from multiprocessing import get_context
        self.pool = get_context(method).Pool(2)

    def call(self, function, x):
        return self.pool.apply(function, (x,))

    def submit(self, function, x):
        return self.pool.apply_async(function, (x,)).get

    def stream(self, items):
        for _ in self.pool.imap(increment, items):
            pass

    def map(self, items):
        self.pool.map(increment, items)

    def stop(self):
        self.pool.terminate()
        self.pool.join()


class Executor:
    """concurrent.futures and what follows its interface."""

    def __init__(self, executor):
        self.executor = executor

    def call(self, function, x):
        return self.executor.submit(function, x).result()

    def submit(self, function, x):
        return self.executor.submit(function, x).result

    def stream(self, items):
        for _ in self.executor.map(increment, items):
            pass

    def map(self, items):
        for _ in self.executor.map(increment, items, chunksize=len(items) // 8):
            pass

    def stop(self):
        self.executor.shutdown()


class PebblePool:
    def __init__(self):
        from pebble import ProcessPool
        self.pool = ProcessPool(max_workers=2)

    def call(self, function, x):
        return self.pool.schedule(function, args=[x]).result()

    def submit(self, function, x):
        return self.pool.schedule(function, args=[x]).result

    def stream(self, items):
        for _ in self.pool.map(increment, items).result():
            pass

    def map(self, items):
        for _ in self.pool.map(increment, items, chunksize=len(items) // 8).result():
            pass

    def stop(self):
        self.pool.stop()
        self.pool.join()


def make(kind):
    if kind.startswith('mp-'):
        return MultiprocessingPool(kind[3:])
    if kind == 'ppe':
        from concurrent.futures import ProcessPoolExecutor
        return Executor(ProcessPoolExecutor(2))
    if kind == 'loky':
        try:
            from loky import ProcessPoolExecutor
        except ImportError:
            from joblib.externals.loky import ProcessPoolExecutor
        return Executor(ProcessPoolExecutor(2))
    return PebblePool()


def latency(pool, seconds):
    for i in range(50):
        pool.call(increment, i)
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        pool.call(increment, 1)
        times.append(time.perf_counter() - start)
    times.sort()
    return [times[min(len(times) - 1, int(len(times) * p / 100))] * 1e6 for p in PERCENTILES]


def rate(seconds, batch, body):
    body(batch // 10)
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        body(batch)
        done += batch
    return [done / (time.perf_counter() - start)]


def answer(kind, pool, question, argument):
    if question == 'latency':
        return latency(pool, float(argument))
    if question == 'rate':
        return rate(float(argument), 2000, lambda n: [get() for get in [pool.submit(increment, i) for i in range(n)]])
    if question == 'stream':
        return rate(float(argument), 2000, lambda n: pool.stream(range(n)))
    if question == 'map':
        return rate(float(argument), 500_000, lambda n: pool.map(range(n)))
    if question == 'send':
        big = bytearray(b'1') * int(argument)
        rates = []
        for _ in range(3):
            start = time.perf_counter()
            pool.call(length, big)
            rates.append(len(big) / (time.perf_counter() - start) / 1e9)
        return [sorted(rates)[1], rates[0]]
    if question == 'cold':
        start = time.perf_counter()
        fresh = make(kind)
        for get in [fresh.submit(increment, 1), fresh.submit(increment, 2)]:
            get()
        took = time.perf_counter() - start
        fresh.stop()
        return [took * 1e3]
    if question == 'countdown':
        steps = int(argument)
        start = time.perf_counter()
        countdown(steps)
        alone = time.perf_counter() - start
        start = time.perf_counter()
        fresh = make(kind)
        for get in [fresh.submit(countdown, steps // 2), fresh.submit(countdown, steps // 2)]:
            get()
        together = time.perf_counter() - start
        fresh.stop()
        return [alone / together, alone]
    return None


def main():
    kind = sys.argv[1]
    pool = make(kind)
    pool.call(increment, 1)
    print('ready', sys.version.split()[0], flush=True)
    for line in sys.stdin:
        question, _, argument = line.strip().partition(' ')
        if question == 'quit':
            break
        figures = answer(kind, pool, question, argument)
        print('-' if figures is None else ' '.join(repr(figure) for figure in figures), flush=True)
    pool.stop()


if __name__ == '__main__':
    main()

"""An echo server beside threads that compute, under CPython's own GIL. Prints its port; then answers each line with the units of work done so far."""
import socket
import sys
import threading

work = [0] * 64


def compute(me):
    while True:
        n = 0
        for i in range(50):  # about a microsecond
            n += i
        work[me] += 1


def serve(server):
    while True:
        data, client = server.recvfrom(16)
        server.sendto(data, client)


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(('127.0.0.1', 0))
threading.Thread(target=serve, args=(server,), daemon=True).start()
for number in range(int(sys.argv[1])):
    threading.Thread(target=compute, args=(number,), daemon=True).start()
print(server.getsockname()[1], sys.version.split()[0], flush=True)
for line in sys.stdin:
    print(sum(work), flush=True)

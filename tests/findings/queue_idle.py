"""Workers that mostly wait for work: it comes from standard input, line by line, slowly."""
import queue
import sys
import threading

jobs = queue.Queue()


def worker():
    while (n := jobs.get()) is not None:
        sum(range(n))


workers = [threading.Thread(target=worker) for _ in range(4)]
for w in workers:
    w.start()
for _ in sys.stdin:
    jobs.put(20_000)
for w in workers:
    jobs.put(None)
for w in workers:
    w.join()

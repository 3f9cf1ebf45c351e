"""The same work as threads_compute.py, in a pool of threads that feed on a queue."""
from concurrent.futures import ThreadPoolExecutor


def work(n):
    return sum(i * i for i in range(n))


with ThreadPoolExecutor(4) as pool:
    list(pool.map(work, [400_000] * 16))

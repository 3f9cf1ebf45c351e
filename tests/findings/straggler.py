"""Four processes share the work badly: one has most of it."""
from concurrent.futures import ProcessPoolExecutor


def work(n):
    return sum(i * i for i in range(n))


if __name__ == "__main__":
    with ProcessPoolExecutor(4) as pool:
        list(pool.map(work, [1_500_000, 1_500_000, 1_500_000, 10_000_000]))

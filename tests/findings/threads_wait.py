"""Eight threads of a pool wait at once: the interpreter lock is free meanwhile."""
import time
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(8) as pool:
    list(pool.map(time.sleep, [0.2] * 16))

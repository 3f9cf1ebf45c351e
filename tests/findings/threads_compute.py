"""Four threads compute under the interpreter lock."""
import threading


def work():
    total = 0
    for i in range(2_500_000):
        total += i * i


threads = [threading.Thread(target=work) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()

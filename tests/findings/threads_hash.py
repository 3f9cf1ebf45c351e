"""Two threads hash large buffers: that work is done without the interpreter lock."""
import hashlib
import threading

block = bytes(8 << 20)


def work():
    for _ in range(20):
        hashlib.sha256(block).digest()


threads = [threading.Thread(target=work) for _ in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()

"""clients.py FILE: waits for a server's port in FILE, sends it 4 clients with 15 requests each, ends it."""
import os
import sys
import threading
import time
import urllib.request

until = time.monotonic() + 30
while not os.path.exists(sys.argv[1]) and time.monotonic() < until:
    time.sleep(0.01)
with open(sys.argv[1], encoding="ascii") as f:
    base = f"http://127.0.0.1:{f.read()}"


def get(path):
    with urllib.request.urlopen(base + path) as answer:
        answer.read()


def client():
    for _ in range(15):
        get("/")
        time.sleep(0.02)


clients = [threading.Thread(target=client) for _ in range(4)]
for c in clients:
    c.start()
for c in clients:
    c.join()
get("/end")

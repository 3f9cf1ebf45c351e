"""Six pages, one by one."""
import os
import urllib.request

for _ in range(6):
    with urllib.request.urlopen(os.environ["WORKLOAD_URL"]) as answer:
        answer.read()

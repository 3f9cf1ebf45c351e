"""Twelve pages, six at once."""
import os
import urllib.request
from concurrent.futures import ThreadPoolExecutor


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()


with ThreadPoolExecutor(6) as pool:
    list(pool.map(fetch, [os.environ["WORKLOAD_URL"]] * 12))

# SPDX-License-Identifier: GPL-2.0-only
"""Hello from a child process."""
import multiprocessing
import os


def hello():
    print(f"hello from the child process {os.getpid()}, started by {os.getppid()}", flush=True)


if __name__ == "__main__":
    print("hello from the first process", os.getpid(), flush=True)
    process = multiprocessing.Process(target=hello, name="hello-process")
    process.start()
    process.join()
    print("the child process has ended")

# SPDX-License-Identifier: GPL-2.0-only
"""Hello from a second thread of the same process."""
import os
import threading


def where():
    return f"(thread {threading.get_native_id()} of process {os.getpid()})"


def hello():
    print("hello from thread", threading.current_thread().name, where())


print("hello from the main thread", where())
thread = threading.Thread(target=hello, name="hello-thread")
thread.start()
thread.join()
print("the thread has ended")

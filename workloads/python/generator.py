# SPDX-License-Identifier: GPL-2.0-only
"""A generator stops at each yield and goes on from there; at its end comes StopIteration."""


def divisors(number):
    for candidate in range(2, number):
        if number % candidate == 0:
            yield candidate


generator = divisors(12)
try:
    while True:
        print(next(generator))
except StopIteration:
    print("the generator has ended")

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The commands in docs/lesson.md and their output.

    lesson.py --list      the commands, one a line, without sudo
    lesson.py --update [TEXT]
                          as root: runs each (that contains TEXT) and puts what it says into the page

A command stands behind `$ ` at the head of a ```console block, its output below. A comment before
the block, <!-- show: where timeline -->, names by their first words the paragraphs of the report to
keep (where, running, thread, process, timeline, exact); others are always kept, and without the
comment all are.
"""
import os
import re
import subprocess
import sys
import time

PAGE = "docs/lesson.md"
BLOCK = re.compile(
    r"(?:<!-- show: (?P<show>[a-z ]*) -->\n)?```console\n\$ (?P<command>.*)\n(?P<output>(?s:.*?))```\n"
)
TRIES, PAUSE_SECONDS = 8, 10
REPORT_PARAGRAPH = re.compile(r"(where|running|thread|process|timeline|exact)(?: the| at once|:?  |: )")


def plain(command):
    return command.replace("sudo ", "", 1)


def kept(output, show):
    paragraphs = output.rstrip("\n").split("\n\n")
    if show is None:
        return paragraphs
    wanted = show.split()
    return [
        paragraph
        for paragraph in paragraphs
        if not (head := REPORT_PARAGRAPH.match(paragraph)) or head[1] in wanted
    ]


def run_once(command):
    result = subprocess.run(
        ["sh", "-c", plain(command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "100", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    print(result.returncode, command, file=sys.stderr)
    if result.returncode:
        sys.exit(result.stdout)
    return result.stdout


def run_in_calm(command):
    """Tried again while other programs have the CPUs: the page should show this one."""
    for _ in range(TRIES):
        output = run_once(command)
        if "other work" not in output and "outside-interference" not in output:
            break
        time.sleep(PAUSE_SECONDS)
    return output


def run(match, text):
    if text not in match["command"]:
        return match[0]
    output = "\n\n".join(kept(run_in_calm(match["command"]), match["show"]))
    comment = "" if match["show"] is None else f"<!-- show: {match['show']} -->\n"
    return f"{comment}```console\n$ {match['command']}\n{output}\n```\n"


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    if sys.argv[1:] == ["--list"]:
        for match in BLOCK.finditer(page):
            print(plain(match["command"]))
    elif sys.argv[1:2] == ["--update"] and len(sys.argv) <= 3:
        text = "".join(sys.argv[2:])
        page = BLOCK.sub(lambda match: run(match, text), page)
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(page)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()

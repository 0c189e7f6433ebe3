# SPDX-License-Identifier: Apache-2.0
"""Fenced blocks of Markdown files: what the documentation tests take out of the documentation."""
import pathlib
import re


def blocks(path):
    """(line, info string, text) of each fenced block of a file."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    out, start = [], None
    for number, line in enumerate(lines, 1):
        if not line.lstrip().startswith("```"):
            continue
        if start is None:
            start = (number, line.strip()[3:].strip())
        else:
            out.append((*start, "\n".join(lines[start[0]:number - 1]) + "\n"))
            start = None
    return out


def named_file(info, text):
    """The name that a block states in its info string (`json config.json`) or in a first line like `# my-gpu.yaml`."""
    if info.startswith("json "):
        return info[5:]
    match = re.match(r"# ([\w@-]+\.yaml)\b", text)
    return match.group(1) if info == "yaml" and match else None


def commands(text):
    """The commands of a console block: lines after `$ `, with their continuations."""
    out = []
    for line in text.splitlines():
        if line.startswith("$ "):
            out.append(line[2:])
        elif line.startswith("> ") and out and out[-1].endswith("\\"):
            out[-1] = out[-1][:-1] + line[2:]
    return out

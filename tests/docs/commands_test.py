# SPDX-License-Identifier: Apache-2.0
"""commands_test.py SOURCE BUILD: each `console` block of the documentation runs as typed, in one folder a document.

A block that names a file (`# my-gpu.yaml` in its first line, or "json config.json") is written there first. Output is not
compared: it changes with every fit. A block marked `console shared` needs the public captures in ../shared and is left out
without them.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

from blocks import blocks, commands, named_file

SOURCE, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
SHARED = pathlib.Path(os.environ.get("HOPSIM_SHARED", SOURCE.parent / "shared"))
DOCUMENTS = ["README.md", "experiments/README.md", "hw_profiles/README.md", "traces/README.md", "sim/README.md",
             "collectors/README.md"]
TREE = ["README.md", "collectors", "experiments", "hw_profiles", "sim", "tests", "traces"]


def prepare(folder):
    """The folder looks like the source tree, built, with ../shared beside it."""
    folder.mkdir()
    for name in TREE:
        (folder / name).symlink_to(SOURCE / name)
    (folder / "build").symlink_to(BUILD)
    if SHARED.is_dir():
        (folder.parent / "shared").symlink_to(SHARED)
        for capture in (SHARED / "traces").iterdir():
            (folder / capture.name).symlink_to(capture)


def run(command, folder):
    environment = {**os.environ, "PATH": f"{BUILD}:{os.environ['PATH']}"}
    environment.pop("HOPSIM_DATA", None)
    return subprocess.run(["bash", "-e", "-o", "pipefail", "-c", command], cwd=folder, env=environment, text=True,
                          capture_output=True, check=False)


def check(document):
    """(commands that ran, failures) of one document."""
    ran, failures = 0, []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "hopsim"
        prepare(folder)
        for line, info, text in blocks(SOURCE / document):
            if named_file(info, text):
                (folder / named_file(info, text)).write_text(text, encoding="utf-8")
            if not info.startswith("console") or ("shared" in info and not SHARED.is_dir()):
                continue
            for command in commands(text):
                result = run(command, folder)
                ran += 1
                # `| head` ends the command before it by SIGPIPE, which is as it should be.
                if result.returncode not in (0, 141):
                    failures.append(f"{document}:{line}: $ {command}\nstatus {result.returncode}\n{result.stderr}")
    return ran, failures


def main():
    total, failures = 0, []
    for document in DOCUMENTS:
        ran, failed = check(document)
        print(f"{document}: {ran} commands")
        total += ran
        failures += failed
    print("\n".join(failures))
    return 1 if failures or total == 0 else 0


sys.exit(main())

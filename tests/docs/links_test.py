# SPDX-License-Identifier: Apache-2.0
"""links_test.py SOURCE BUILD: what documentation and comments point to is there; version and citation agree."""
import pathlib
import re
import subprocess
import sys

SOURCE, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
FOLDERS = ["sim", "hw_profiles", "traces", "collectors", "tests", "experiments"]
TEXTS = {".md", ".hpp", ".cpp", ".cu", ".py", ".sh", ".cmake", ".yaml", ".txt"}
# A path in the repository from its top, as documentation and comments write it.
PATH = re.compile(r"(?<![\w./-])(?:" + "|".join(FOLDERS) + r")/[\w./@-]*\.(?:py|sh|hpp|cpp|md|yaml|cmake|gp|png|svg)\b")
HEADER = re.compile(r"(?<![\w./-])(?:base|io|trace|spec|lowering|cost|replay|metrics|sweep|report|app)/[\w/]*\.[hc]pp\b")
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def texts():
    for name in ["README.md", "CHANGELOG.md", "CMakeLists.txt"]:
        yield SOURCE / name
    for folder in FOLDERS:
        yield from (path for path in (SOURCE / folder).rglob("*") if path.suffix in TEXTS and path.is_file())


def dead(path):
    """Paths and links of one file that lead nowhere."""
    text = path.read_text(encoding="utf-8")
    out = [found for found in PATH.findall(text) if "NAME" not in found and not (SOURCE / found).exists()]
    out += [found for found in HEADER.findall(text) if not (SOURCE / "sim" / found).exists()]
    if path.suffix == ".md":
        out += [link for link in LINK.findall(text) if "://" not in link and not (path.parent / link).exists()]
    return out


def main():
    failures = [f"{path.relative_to(SOURCE)}: {found}: no such file" for path in texts() for found in dead(path)]
    hopsim = subprocess.run([BUILD / "hopsim", "--version"], check=True, capture_output=True, text=True)
    version = re.escape(hopsim.stdout.split()[1])
    for name, pattern in {"CITATION.cff": f"^version: {version}$", "CHANGELOG.md": f"^## \\[{version}\\]"}.items():
        if not re.search(pattern, (SOURCE / name).read_text(encoding="utf-8"), re.MULTILINE):
            failures.append(f"{name}: does not speak of the version that hopsim states")
    print("\n".join(failures))
    return 1 if failures else 0


sys.exit(main())

"""Refuses long files and long functions in the workspace's own Rust sources.

A file may have 500 lines, not counting one `#[cfg(test)] mod … { … }` at its very end;
a function 80, from its `fn` to its closing brace, in tests too.
"""

import re
import subprocess
import sys

FILE_LIMIT, FUNCTION_LIMIT = 500, 80

# What may hold braces, or the word `fn`, without meaning them. Raw strings come before plain ones;
# a char literal is told from a lifetime by its closing quote.
NOT_CODE = re.compile(
    r"""
      //[^\n]* | /\*
    | \b[bc]?r(?P<hashes>\#*)".*?"(?P=hashes)
    | "(?:\\.|[^"\\])*"
    | '(?:\\u\{[^}]*\}|\\x..|\\.|[^'\\\n])'
    """,
    re.VERBOSE | re.DOTALL,
)
TEST_MODULE = re.compile(r"^#\[cfg\(test\)\]\s*(?:#\[.*\]\s*)*mod \w+ \{", re.MULTILINE)
FUNCTION = re.compile(r"\bfn\s+(\w+)")


def comment_end(source, at):
    """Where the block comment that opens at `at` ends; they nest."""
    depth = 0
    for mark in re.compile(r"/\*|\*/").finditer(source, at):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(source)


def code_only(source):
    """The source with comments and literals blanked out, every line where it was."""
    out, at = [], 0
    while found := NOT_CODE.search(source, at):
        end = comment_end(source, found.start()) if found.group() == "/*" else found.end()
        out += source[at : found.start()], re.sub(r"[^\n]", " ", source[found.start() : end])
        at = end
    return "".join(out) + source[at:]


def body_end(code, at):
    """The end of the block that opens first from `at`; None for a declaration without one."""
    depth = {"{": 0, "(": 0}
    for mark in re.compile(r"[{}()\[\];]").finditer(code, at):
        sign = mark.group()
        if sign == ";" and not any(depth.values()):
            return None
        kind = "{" if sign in "{}" else "("
        depth[kind] += {"{": 1, "(": 1, "[": 1, ";": 0}.get(sign, -1)
        if sign == "}" and depth["{"] == 0 and depth["("] == 0:
            return mark.end()
    return None


def counted_lines(code):
    """Lines of the file, without a test module that is the last thing in it."""
    for module in TEST_MODULE.finditer(code):
        end = body_end(code, module.start())
        if end and not code[end:].strip():
            return code.count("\n", 0, module.start())
    return code.count("\n")


def complaints(path):
    with open(path, encoding="utf-8") as file:
        code = code_only(file.read())
    lines = counted_lines(code)
    if lines > FILE_LIMIT:
        yield f"{path}: {lines} lines, at most {FILE_LIMIT}"
    for function in FUNCTION.finditer(code):
        end = body_end(code, function.start())
        length = code.count("\n", function.start(), end) + 1 if end else 0
        if length > FUNCTION_LIMIT:
            line = code.count("\n", 0, function.start()) + 1
            yield f"{path}:{line}: fn {function.group(1)} has {length} lines, at most {FUNCTION_LIMIT}"


def main():
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "*.rs"]
    listed = subprocess.run(listed, check=True, capture_output=True, text=True).stdout
    deleted = subprocess.run(["git", "ls-files", "-z", "--deleted"], check=True, capture_output=True, text=True).stdout
    paths = sorted(set(filter(None, listed.split("\0"))) - set(deleted.split("\0")))
    found = [complaint for path in paths for complaint in complaints(path)]
    print(*found, f"{len(paths)} files, {len(found)} over a limit", sep="\n")
    return 1 if found else 0


sys.exit(main())

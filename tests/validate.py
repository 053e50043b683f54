#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""validate.py [-l] SCHEMA [FILE...]: is each of these documents (with -l: each line of it) what build/schema/SCHEMA.json says?

validate.py --serve DIR: the same for many, without a start each: a line "REPLY<tab>ARGUMENT<tab>..." to the pipe DIR/ask; the exit status
comes to the pipe REPLY, what would be on stderr is in the file REPLY.err by then, and standard input is the file REPLY.in. Ends with DIR.

Strict: UTF-8, no NaN or Infinity, no key twice, numbers that survive a double, and dates that are dates.
"""
import contextlib
import functools
import json
import os
import select
import sys

import jsonschema

MAX_EXACT = 2**53


def no_twice(pairs):
    keys = [k for k, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError(f"a key comes twice: {keys}")
    return dict(pairs)


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def exact(digits):
    n = int(digits)
    if abs(n) > MAX_EXACT:
        raise ValueError(f"{digits} would not survive a double")
    return n


def parse(data):
    """The document in these bytes; ValueError when it is not strict JSON."""
    return json.loads(data.decode("utf-8"), object_pairs_hook=no_twice, parse_constant=no_constant, parse_int=exact)


class Schema:
    def __init__(self, name, build=None):
        build = build or os.environ.get("BUILD") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../build")
        path = name if "/" in name else os.path.join(build, "schema", name + ".json")
        with open(path, "rb") as f:
            schema = parse(f.read())
        cls = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
        cls.check_schema(schema)
        self.validator = cls(schema, format_checker=jsonschema.FormatChecker())

    def complaints(self, doc):
        return [f"{e.json_path}: {e.message[:300]}" for e in sorted(self.validator.iter_errors(doc), key=lambda e: e.json_path)]


def check(schema, data, lines, name):
    """How many of the documents in these bytes are not valid; what is wrong with them goes to stderr."""
    bad = 0
    for i, part in enumerate(data.splitlines() if lines else [data], 1):
        try:
            complaints = schema.complaints(parse(part))
        except (ValueError, RecursionError) as e:
            complaints = [str(e)]
        for c in complaints[:20]:
            print(f"{name}line {i}: {c}" if lines else name + c, file=sys.stderr)
        bad += bool(complaints)
    if not data.strip():
        print(name + "there is no document", file=sys.stderr)
        bad += 1
    return bad


schema_named = functools.cache(Schema)


def validate(args, stdin):
    """The exit status for these arguments; stdin(): the bytes of standard input."""
    lines = "-l" in args
    args = [a for a in args if a != "-l"]
    schema = schema_named(args[0])
    if len(args) == 1:
        return 1 if check(schema, stdin(), lines, "") else 0
    bad = 0
    for path in args[1:]:
        with open(path, "rb") as f:
            bad += check(schema, f.read(), lines, f"{os.path.basename(path)}: " if len(args) > 2 else "")
    return 1 if bad else 0


def answer(reply, args):
    def stdin():
        with open(reply + ".in", "rb") as f:
            return f.read()

    with open(reply + ".err", "w") as err, contextlib.redirect_stderr(err):
        try:
            status = validate(args, stdin)
        except Exception as e:
            print(f"validate.py: {e!r}", file=sys.stderr)
            status = 1
    with open(reply, "w") as pipe:
        print(status, file=pipe)


def serve(directory):
    path = os.path.join(directory, "ask")
    os.mkfifo(path)
    asked = os.open(path, os.O_RDWR)  # for writing too, so that it never ends
    rest = b""
    while os.path.exists(path):
        if select.select([asked], [], [], 1)[0]:
            *lines, rest = (rest + os.read(asked, 65536)).split(b"\n")
            for line in lines:
                reply, *args = line.decode().split("\t")
                answer(reply, args)


def main(argv):
    if argv[:1] == ["--serve"]:
        return serve(argv[1])
    if not [a for a in argv if a != "-l"]:
        sys.exit(__doc__)
    return validate(argv, sys.stdin.buffer.read)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

# SPDX-License-Identifier: GPL-2.0-or-later
"""What the benchmarks share: how a figure is told, targets that were missed, and peers that are not there."""
import os
import shutil

BUILD = os.path.abspath(os.environ.get("BUILD") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build"))
missed = 0


def say(what, text, reached=None):
    global missed
    missed += reached is False
    print(f"bench: {what}: {text}" + ("" if reached is None else " ok" if reached else " MISSED"), flush=True)


def at_most(what, value, target, unit):
    say(what, f"{value:.4g} {unit} (target at most {target:g})", value <= target)


def there(*programs):
    """Are they all installed? Those that are not are named; what they would have been measured against stays without a ratio."""
    lacking = [p for p in programs if not shutil.which(p)]
    for p in lacking:
        say(p, "is not installed (make deps-bench): nothing to compare with")
    return not lacking


def finish():
    """The last line; the exit status."""
    print(f"bench: {missed} targets missed" if missed else "bench: all targets reached")
    return 1 if missed else 0

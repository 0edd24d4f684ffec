"""python -m bench [NAME]: all benchmarks, or one."""

import sys

from bench import path, sandbox

BENCHMARKS = {"path": path.main, "sandbox": sandbox.main}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[name]()

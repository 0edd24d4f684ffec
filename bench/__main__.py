"""python -m bench [NAME] [OPTION ...]: all benchmarks, or one, which reads its own options."""

import sys

from bench import fairness, path, queue, sandbox, stream

BENCHMARKS = {
    "path": path.main,
    "sandbox": sandbox.main,
    "queue": queue.main,
    "fairness": fairness.main,
    "stream": stream.main,
}

if __name__ == "__main__":
    for name in sys.argv[1:2] or BENCHMARKS:
        BENCHMARKS[name]()

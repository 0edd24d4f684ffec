"""Is never imported to its end."""

import os
import signal

print(os.getpid(), flush=True)
signal.pause()

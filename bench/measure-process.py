"""Runs a command and prints what it used, start-up and all threads included, as JSON."""

import json
import resource
import subprocess
import sys
import time

# Where python3 is a script that finds the interpreter, its own children are on our account already.
before = resource.getrusage(resource.RUSAGE_CHILDREN)
start = time.monotonic()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
figures = {
    "status": done.returncode,
    "cpuSeconds": used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime,
    "wallSeconds": time.monotonic() - start,
    "mebibytes": used.ru_maxrss / 1024,
    "output": done.stdout.decode()[:200],
}
print(json.dumps(figures))

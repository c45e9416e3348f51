import os
import signal
import tempfile

from hypothesis import settings

# The schemas that clients keep on disk must not outlive the tests.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="replicate-ext-tests-")

# A test has one time limit, pytest's; a deadline for each example would fail on a busy machine.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# A shell lets commands in the background ignore Ctrl-C, and so would the processes of the tests.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

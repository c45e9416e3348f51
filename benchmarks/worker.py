"""One measurement in a fresh process: worker.py [WORK PEER URL ARGUMENT...].

WORK is a function of works.py, or MODULE.FUNCTION. Without arguments, nothing is done: that is the
bare interpreter, whose time is subtracted where processes are measured. So nothing is imported
here that a peer might import.
"""

import sys


def main() -> None:
    """Do the work and print what it measured, if it measured itself."""
    if len(sys.argv) == 1:
        return
    from importlib import import_module

    work, *arguments = sys.argv[1:]
    module, _, function = work.rpartition(".")
    measured = getattr(import_module(module or "works"), function)(*arguments)
    if measured is not None:
        import json

        print(json.dumps(measured))


main()

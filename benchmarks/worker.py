"""One measurement in a fresh process: worker.py [WORK PEER URL ARGUMENT...].

Without arguments it does nothing: that is the bare interpreter, whose time is subtracted where
processes are measured. So nothing is imported here that a peer might import.
"""

import sys


def main() -> None:
    """Do the work and print what it measured, if it measured itself."""
    if len(sys.argv) == 1:
        return
    import works

    work, *arguments = sys.argv[1:]
    measured = getattr(works, work)(*arguments)
    if measured is not None:
        import json

        print(json.dumps(measured))


main()

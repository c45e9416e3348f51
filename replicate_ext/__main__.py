"""`python -m replicate_ext`: the command line."""

from replicate_ext.cli import main

if __name__ == "__main__":
    main()

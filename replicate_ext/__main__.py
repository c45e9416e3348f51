"""`python -m replicate_ext`: the command line."""

from replicate_ext.cli.app import main

if __name__ == "__main__":
    main()

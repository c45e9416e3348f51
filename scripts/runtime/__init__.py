"""Modules of replicate_api that do not depend on the document.

`make generate` copies each of them into the package.
"""

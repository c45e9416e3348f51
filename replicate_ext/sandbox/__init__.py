"""A local server with Replicate's HTTP API, for development, demos and tests without a token.

    from replicate_ext.sandbox import Sandbox

    with Sandbox() as sandbox:
        print(sandbox.base_url, sandbox.api_token)

Its models are plain Python functions. `replicate/hello-world`, `sandbox/posterize` and
`sandbox/storyteller` are built in; `Sandbox.model` adds your own. `python -m replicate_ext.sandbox`
starts the server from a terminal. `webhook_receiver` creates a web app that receives webhooks.
"""

import sys
from importlib import import_module

_EXTRA = ("PIL", "jsonschema", "python_multipart", "starlette", "uvicorn")

try:
    # Starlette imports python_multipart at the first upload, which is too late for this error.
    import_module("python_multipart")

    from replicate_ext.sandbox._contract.contract import ContractViolation
    from replicate_ext.sandbox._faults.fault import Fault
    from replicate_ext.sandbox._faults.injection import Faults
    from replicate_ext.sandbox._models.details import ModelDetails
    from replicate_ext.sandbox._models.file import File
    from replicate_ext.sandbox._models.input import Input
    from replicate_ext.sandbox._models.script import ScriptStep
    from replicate_ext.sandbox._server.recorder import RecordedRequest
    from replicate_ext.sandbox._server.sandbox import Sandbox
    from replicate_ext.sandbox._webhooks.delivery import Delivery
    from replicate_ext.sandbox._webhooks.receiver import webhook_receiver
except ModuleNotFoundError as _error:
    if (_error.name or "").partition(".")[0] not in _EXTRA:
        raise
    _message = f"The sandbox needs {_error.name}: pip install 'replicate-ext[sandbox]'"
    # With -m, Python imports the package before __main__.py, and argv[0] is still "-m".
    if sys.argv[:1] == ["-m"] and __name__ in sys.orig_argv:
        sys.stderr.write(f"{_message}\n")
        raise SystemExit(2) from None
    raise ImportError(_message) from None

__all__ = [
    "ContractViolation",
    "Delivery",
    "Fault",
    "Faults",
    "File",
    "Input",
    "ModelDetails",
    "RecordedRequest",
    "Sandbox",
    "ScriptStep",
    "webhook_receiver",
]

"""A local server that speaks Replicate's HTTP API: develop, demonstrate, test without a token.

    from replicate_ext.sandbox import Sandbox

    with Sandbox() as sandbox:
        print(sandbox.base_url, sandbox.api_token)

Its models are plain Python functions. `replicate/hello-world`, `sandbox/posterize` and
`sandbox/storyteller` come with it; `Sandbox.model` adds your own. `python -m
replicate_ext.sandbox` serves the same from a terminal. `webhook_receiver` is the other side of its
webhooks.
"""

from importlib import import_module

_EXTRA = ("PIL", "jsonschema", "python_multipart", "starlette", "uvicorn")

try:
    # Starlette imports it only when the first upload arrives, which is too late to say so.
    import_module("python_multipart")

    from replicate_ext.sandbox._contract.contract import ContractViolation
    from replicate_ext.sandbox._faults.fault import Fault
    from replicate_ext.sandbox._faults.injection import Faults
    from replicate_ext.sandbox._models.file import File
    from replicate_ext.sandbox._models.signature import Input
    from replicate_ext.sandbox._server.recorder import RecordedRequest
    from replicate_ext.sandbox._server.sandbox import Sandbox
    from replicate_ext.sandbox._webhooks.delivery import Delivery
    from replicate_ext.sandbox._webhooks.receiver import webhook_receiver
except ModuleNotFoundError as _error:
    if (_error.name or "").partition(".")[0] not in _EXTRA:
        raise
    raise ImportError(
        f"The sandbox needs {_error.name}: pip install 'replicate-ext[sandbox]'"
    ) from None

__all__ = [
    "ContractViolation",
    "Delivery",
    "Fault",
    "Faults",
    "File",
    "Input",
    "RecordedRequest",
    "Sandbox",
    "webhook_receiver",
]

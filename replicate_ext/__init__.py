"""A Python client for the HTTP API of Replicate.

    from replicate_ext import Replicate

    with Replicate() as client:
        print(client.run("replicate/hello-world", {"text": "Ada"}))

``__all__`` lists the public names. Each one is imported when it is first used.
"""

from importlib import import_module
from sys import _getframe  # pyright: ignore[reportPrivateUsage] - of CPython and PyPy alike
from typing import TYPE_CHECKING

from replicate_ext._version import __version__

if TYPE_CHECKING:
    from replicate_api.models import (
        Account,
        Collection,
        CollectionPage,
        CollectionSummary,
        Deployment,
        DeploymentPage,
        File,
        FilePage,
        Hardware,
        Model,
        ModelPage,
        ModelSortBy,
        ModelVersion,
        ModelVersionPage,
        PredictionStatus,
        SearchModel,
        SearchResults,
        SortDirection,
        TrainingOutput,
        Visibility,
        WebhookSecret,
    )

    from replicate_ext._async_client import AsyncReplicate
    from replicate_ext._client import Replicate
    from replicate_ext._default import (
        account,
        async_run,
        async_stream,
        collections,
        default_async_client,
        default_client,
        deployments,
        files,
        hardware,
        models,
        paginate,
        predictions,
        request,
        run,
        search,
        set_default_client,
        stream,
        trainings,
        wait,
        webhooks,
    )
    from replicate_ext._files.async_save_outputs import asave_outputs
    from replicate_ext._files.inputs import describe_input
    from replicate_ext._files.notebook import show
    from replicate_ext._files.output import (
        FileOutput,
    )
    from replicate_ext._files.save_outputs import save_outputs
    from replicate_ext._resources.async_objects import AsyncPrediction, AsyncTraining
    from replicate_ext._resources.async_pages import AsyncPaginator
    from replicate_ext._resources.links import Page
    from replicate_ext._resources.objects import Prediction, Training
    from replicate_ext._resources.pages import Paginator
    from replicate_ext._runs.progress_bar import ProgressBar, progress_bar
    from replicate_ext._runs.reference import AnyReference, ModelReference, Reference
    from replicate_ext._runs.tqdm_logs import (
        Progress,
        parse_progress,
    )
    from replicate_ext._streams.async_stream import AsyncStream
    from replicate_ext._streams.browser.async_body import AsyncEventStream
    from replicate_ext._streams.browser.body import EventStream
    from replicate_ext._streams.browser.event_stream import event_stream
    from replicate_ext._streams.browser.protocols import EventProtocol
    from replicate_ext._streams.sse import ServerSentEvent
    from replicate_ext._streams.stream import Stream
    from replicate_ext._webhooks.verification import WebhookVerifier, is_newer, validate_webhook
    from replicate_ext.errors import (
        APIConnectionError,
        APIError,
        APITimeoutError,
        AuthenticationError,
        InvalidField,
        InvalidInputError,
        InvalidReferenceError,
        InvalidResponseError,
        InvalidTokenError,
        MissingTokenError,
        NotFoundError,
        OutcomeUnknownError,
        PaginationError,
        PaymentRequiredError,
        PredictionAborted,
        PredictionCanceled,
        PredictionError,
        PredictionFailed,
        PredictionTimeout,
        RateLimitError,
        ReplicateError,
        ServerError,
        StreamError,
        StreamInterrupted,
        ValidationError,
        WebhookBodyError,
        WebhookError,
        WebhookHeaderError,
        WebhookSecretError,
        WebhookSignatureError,
        WebhookTimestampError,
    )
    from replicate_ext.typed.function import ModelFunction
    from replicate_ext.types import (
        CheckInput,
        FileEncoding,
        FileInput,
        Input,
        OnProgress,
        OnTransfer,
        PollInterval,
        RunOptions,
        Stop,
        WebhookEvent,
        When,
    )

__all__ = [
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "Account",
    "AnyReference",
    "AsyncEventStream",
    "AsyncPaginator",
    "AsyncPrediction",
    "AsyncReplicate",
    "AsyncStream",
    "AsyncTraining",
    "AuthenticationError",
    "CheckInput",
    "Collection",
    "CollectionPage",
    "CollectionSummary",
    "Deployment",
    "DeploymentPage",
    "EventProtocol",
    "EventStream",
    "File",
    "FileEncoding",
    "FileInput",
    "FileOutput",
    "FilePage",
    "Hardware",
    "Input",
    "InvalidField",
    "InvalidInputError",
    "InvalidReferenceError",
    "InvalidResponseError",
    "InvalidTokenError",
    "MissingTokenError",
    "Model",
    "ModelFunction",
    "ModelPage",
    "ModelReference",
    "ModelSortBy",
    "ModelVersion",
    "ModelVersionPage",
    "NotFoundError",
    "OnProgress",
    "OnTransfer",
    "OutcomeUnknownError",
    "Page",
    "PaginationError",
    "Paginator",
    "PaymentRequiredError",
    "PollInterval",
    "Prediction",
    "PredictionAborted",
    "PredictionCanceled",
    "PredictionError",
    "PredictionFailed",
    "PredictionStatus",
    "PredictionTimeout",
    "Progress",
    "ProgressBar",
    "RateLimitError",
    "Reference",
    "Replicate",
    "ReplicateError",
    "RunOptions",
    "SearchModel",
    "SearchResults",
    "ServerError",
    "ServerSentEvent",
    "SortDirection",
    "Stop",
    "Stream",
    "StreamError",
    "StreamInterrupted",
    "Training",
    "TrainingOutput",
    "ValidationError",
    "Visibility",
    "WebhookBodyError",
    "WebhookError",
    "WebhookEvent",
    "WebhookHeaderError",
    "WebhookSecret",
    "WebhookSecretError",
    "WebhookSignatureError",
    "WebhookTimestampError",
    "WebhookVerifier",
    "When",
    "__version__",
    "account",
    "asave_outputs",
    "async_run",
    "async_stream",
    "collections",
    "default_async_client",
    "default_client",
    "deployments",
    "describe_input",
    "event_stream",
    "files",
    "hardware",
    "is_newer",
    "models",
    "paginate",
    "parse_progress",
    "predictions",
    "progress_bar",
    "request",
    "run",
    "save_outputs",
    "search",
    "set_default_client",
    "show",
    "stream",
    "trainings",
    "validate_webhook",
    "wait",
    "webhooks",
]

# The module of each name. Names that are in neither table are exceptions in errors.
_HOME = {
    "AsyncEventStream": "_streams.browser.async_body",
    "AsyncPaginator": "_resources.async_pages",
    "AsyncPrediction": "_resources.async_objects",
    "AsyncReplicate": "_async_client",
    "AsyncStream": "_streams.async_stream",
    "AsyncTraining": "_resources.async_objects",
    "EventProtocol": "_streams.browser.protocols",
    "EventStream": "_streams.browser.body",
    "FileEncoding": "types",
    "FileInput": "types",
    "FileOutput": "_files.output",
    "Input": "types",
    "ModelFunction": "typed.function",
    "ModelReference": "_runs.reference",
    "OnProgress": "types",
    "OnTransfer": "types",
    "Page": "_resources.links",
    "Paginator": "_resources.pages",
    "PollInterval": "types",
    "Prediction": "_resources.objects",
    "Progress": "_runs.tqdm_logs",
    "ProgressBar": "_runs.progress_bar",
    "AnyReference": "_runs.reference",
    "CheckInput": "types",
    "Reference": "_runs.reference",
    "RunOptions": "types",
    "Replicate": "_client",
    "ServerSentEvent": "_streams.sse",
    "Stop": "types",
    "Stream": "_streams.stream",
    "Training": "_resources.objects",
    "WebhookEvent": "types",
    "WebhookVerifier": "_webhooks.verification",
    "When": "types",
    "account": "_default",
    "asave_outputs": "_files.async_save_outputs",
    "async_run": "_default",
    "async_stream": "_default",
    "collections": "_default",
    "default_async_client": "_default",
    "default_client": "_default",
    "deployments": "_default",
    "describe_input": "_files.inputs",
    "event_stream": "_streams.browser.event_stream",
    "files": "_default",
    "hardware": "_default",
    "is_newer": "_webhooks.verification",
    "models": "_default",
    "paginate": "_default",
    "parse_progress": "_runs.tqdm_logs",
    "predictions": "_default",
    "progress_bar": "_runs.progress_bar",
    "request": "_default",
    "run": "_default",
    "save_outputs": "_files.save_outputs",
    "search": "_default",
    "set_default_client": "_default",
    "show": "_files.notebook",
    "stream": "_default",
    "trainings": "_default",
    "validate_webhook": "_webhooks.verification",
    "wait": "_default",
    "webhooks": "_default",
}

_MODELS = frozenset(
    {
        "Account",
        "Collection",
        "CollectionPage",
        "CollectionSummary",
        "Deployment",
        "DeploymentPage",
        "File",
        "FilePage",
        "Hardware",
        "Model",
        "ModelPage",
        "ModelSortBy",
        "ModelVersion",
        "ModelVersionPage",
        "PredictionStatus",
        "SearchModel",
        "SearchResults",
        "SortDirection",
        "TrainingOutput",
        "Visibility",
        "WebhookSecret",
    }
)

# Names in the official clients, and what to use instead.
_ELSEWHERE = {
    "AsyncClient": "from replicate_ext import AsyncReplicate",
    "Client": "from replicate_ext import Replicate",
    "ModelError": "from replicate_ext import PredictionFailed",
    "exceptions": "from replicate_ext import errors",
}


if not TYPE_CHECKING:  # else every name would seem to exist

    def __getattr__(name: str) -> object:
        if name in _ELSEWHERE:
            message = f"{__name__} has no {name!r}: use {_ELSEWHERE[name]}"
            # An import statement replaces the message of an AttributeError, but not of an
            # ImportError.
            is_import = _getframe(1).f_globals.get("__name__") == "importlib._bootstrap"
            raise ImportError(message) if is_import else AttributeError(message)
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = f"{__name__}.{_HOME.get(name, 'errors')}"
        value = getattr(import_module("replicate_api.models" if name in _MODELS else home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)

# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of webhooks, with a method for each operation."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import AsyncOperationRunner, OperationRunner
    from ..models import WebhookSecret


class WebhooksResource:
    """Resources of webhooks: default.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    @cached_property
    def default(self) -> WebhooksDefaultResource:
        """Resources of webhooks.default: secret."""
        return WebhooksDefaultResource(self._runner)


class AsyncWebhooksResource:
    """Resources of webhooks: default.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    @cached_property
    def default(self) -> AsyncWebhooksDefaultResource:
        """Resources of webhooks.default: secret."""
        return AsyncWebhooksDefaultResource(self._runner)


class WebhooksDefaultResource:
    """Resources of webhooks.default: secret.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    @cached_property
    def secret(self) -> WebhooksDefaultSecretResource:
        """Operations of webhooks.default.secret: get."""
        return WebhooksDefaultSecretResource(self._runner)


class AsyncWebhooksDefaultResource:
    """Resources of webhooks.default: secret.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    @cached_property
    def secret(self) -> AsyncWebhooksDefaultSecretResource:
        """Operations of webhooks.default.secret: get."""
        return AsyncWebhooksDefaultSecretResource(self._runner)


class WebhooksDefaultSecretResource:
    """Operations of webhooks.default.secret: get.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: OperationRunner) -> None:
        self._runner = runner

    def get(self) -> WebhookSecret:
        """Get the secret that signs the webhooks of the account.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.webhooks import default_secret_get as _operation

        _arguments = _operation.request()
        return self._runner.perform(_arguments, _operation.parse, repeatable=_operation.REPEATABLE)


class AsyncWebhooksDefaultSecretResource:
    """Operations of webhooks.default.secret: get.

    Args:
        runner: The object that performs the operations.
    """

    def __init__(self, runner: AsyncOperationRunner) -> None:
        self._runner = runner

    async def get(self) -> WebhookSecret:
        """Get the secret that signs the webhooks of the account.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.webhooks import default_secret_get as _operation

        _arguments = _operation.request()
        return await self._runner.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

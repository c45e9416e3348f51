# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""The resources of webhooks, with a method for each operation."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..client import AsyncPerformer, SyncPerformer
    from ..models import WebhookSecret


class WebhooksResource:
    """Resources of webhooks: default.

    Args:
        performer: The object that performs the operations.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    @cached_property
    def default(self) -> WebhooksDefaultResource:
        """Resources of webhooks.default: secret."""
        return WebhooksDefaultResource(self._performer)


class AsyncWebhooksResource:
    """Resources of webhooks: default.

    Args:
        performer: The object that performs the operations.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    @cached_property
    def default(self) -> AsyncWebhooksDefaultResource:
        """Resources of webhooks.default: secret."""
        return AsyncWebhooksDefaultResource(self._performer)


class WebhooksDefaultResource:
    """Resources of webhooks.default: secret.

    Args:
        performer: The object that performs the operations.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    @cached_property
    def secret(self) -> WebhooksDefaultSecretResource:
        """Operations of webhooks.default.secret: get."""
        return WebhooksDefaultSecretResource(self._performer)


class AsyncWebhooksDefaultResource:
    """Resources of webhooks.default: secret.

    Args:
        performer: The object that performs the operations.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    @cached_property
    def secret(self) -> AsyncWebhooksDefaultSecretResource:
        """Operations of webhooks.default.secret: get."""
        return AsyncWebhooksDefaultSecretResource(self._performer)


class WebhooksDefaultSecretResource:
    """Operations of webhooks.default.secret: get.

    Args:
        performer: The object that performs the operations.
    """

    def __init__(self, performer: SyncPerformer) -> None:
        self._performer = performer

    def get(self) -> WebhookSecret:
        """Get the secret that signs the webhooks of the account.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.webhooks import default_secret_get as _operation

        _arguments = _operation.request()
        return self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )


class AsyncWebhooksDefaultSecretResource:
    """Operations of webhooks.default.secret: get.

    Args:
        performer: The object that performs the operations.
    """

    def __init__(self, performer: AsyncPerformer) -> None:
        self._performer = performer

    async def get(self) -> WebhookSecret:
        """Get the secret that signs the webhooks of the account.

        Raises:
            replicate_ext.APIError: The request failed.
        """
        from ..api.webhooks import default_secret_get as _operation

        _arguments = _operation.request()
        return await self._performer.perform(
            _arguments, _operation.parse, repeatable=_operation.REPEATABLE
        )

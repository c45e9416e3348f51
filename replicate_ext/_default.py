"""The default client. Importing this module makes it, which happens on its first use."""

from typing import TYPE_CHECKING, Final

from replicate_ext._client import Replicate

client = Replicate()

if TYPE_CHECKING:
    account: Final = client.account
    collections: Final = client.collections
    deployments: Final = client.deployments
    files: Final = client.files
    hardware: Final = client.hardware
    models: Final = client.models
    paginate: Final = client.paginate
    predictions: Final = client.predictions
    request: Final = client.request
    run: Final = client.run
    search: Final = client.search
    stream: Final = client.stream
    trainings: Final = client.trainings
    wait: Final = client.wait
    webhooks: Final = client.webhooks
else:  # only what is used is imported

    def __getattr__(name: str) -> object:
        return getattr(client, name)

# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""Objects in the requests and responses of the API. Modules are imported on first use."""

from typing import TYPE_CHECKING

from ..lazy import load

if TYPE_CHECKING:
    from .account import Account
    from .account_type import AccountType
    from .collection import Collection
    from .collection_page import CollectionPage
    from .collection_summary import CollectionSummary
    from .deployment import Deployment
    from .deployment_configuration import DeploymentConfiguration
    from .deployment_create_request import DeploymentCreateRequest
    from .deployment_page import DeploymentPage
    from .deployment_release import DeploymentRelease
    from .deployment_update_request import DeploymentUpdateRequest
    from .file import File
    from .file_checksums import FileChecksums
    from .file_create_request import FileCreateRequest
    from .file_page import FilePage
    from .file_urls import FileUrls
    from .hardware import Hardware
    from .model import Model
    from .model_create_request import ModelCreateRequest
    from .model_page import ModelPage
    from .model_sort_by import ModelSortBy
    from .model_update_request import ModelUpdateRequest
    from .model_version import ModelVersion
    from .model_version_page import ModelVersionPage
    from .prediction import Prediction
    from .prediction_page import PredictionPage
    from .prediction_request import PredictionRequest
    from .prediction_status import PredictionStatus
    from .prediction_urls import PredictionUrls
    from .predictions_list_source import PredictionsListSource
    from .problem import Problem
    from .search_collection import SearchCollection
    from .search_model import SearchModel
    from .search_model_metadata import SearchModelMetadata
    from .search_page import SearchPage
    from .search_results import SearchResults
    from .sort_direction import SortDirection
    from .source import Source
    from .training import Training
    from .training_output import TrainingOutput
    from .training_page import TrainingPage
    from .training_request import TrainingRequest
    from .training_urls import TrainingUrls
    from .version_prediction_request import VersionPredictionRequest
    from .visibility import Visibility
    from .webhook_event import WebhookEvent
    from .webhook_secret import WebhookSecret

__all__ = (
    "Account",
    "AccountType",
    "Collection",
    "CollectionPage",
    "CollectionSummary",
    "Deployment",
    "DeploymentConfiguration",
    "DeploymentCreateRequest",
    "DeploymentPage",
    "DeploymentRelease",
    "DeploymentUpdateRequest",
    "File",
    "FileChecksums",
    "FileCreateRequest",
    "FilePage",
    "FileUrls",
    "Hardware",
    "Model",
    "ModelCreateRequest",
    "ModelPage",
    "ModelSortBy",
    "ModelUpdateRequest",
    "ModelVersion",
    "ModelVersionPage",
    "Prediction",
    "PredictionPage",
    "PredictionRequest",
    "PredictionStatus",
    "PredictionUrls",
    "PredictionsListSource",
    "Problem",
    "SearchCollection",
    "SearchModel",
    "SearchModelMetadata",
    "SearchPage",
    "SearchResults",
    "SortDirection",
    "Source",
    "Training",
    "TrainingOutput",
    "TrainingPage",
    "TrainingRequest",
    "TrainingUrls",
    "VersionPredictionRequest",
    "Visibility",
    "WebhookEvent",
    "WebhookSecret",
)

_MODULES: dict[str, str] = {
    "Account": "account",
    "AccountType": "account_type",
    "Collection": "collection",
    "CollectionPage": "collection_page",
    "CollectionSummary": "collection_summary",
    "Deployment": "deployment",
    "DeploymentConfiguration": "deployment_configuration",
    "DeploymentCreateRequest": "deployment_create_request",
    "DeploymentPage": "deployment_page",
    "DeploymentRelease": "deployment_release",
    "DeploymentUpdateRequest": "deployment_update_request",
    "File": "file",
    "FileChecksums": "file_checksums",
    "FileCreateRequest": "file_create_request",
    "FilePage": "file_page",
    "FileUrls": "file_urls",
    "Hardware": "hardware",
    "Model": "model",
    "ModelCreateRequest": "model_create_request",
    "ModelPage": "model_page",
    "ModelSortBy": "model_sort_by",
    "ModelUpdateRequest": "model_update_request",
    "ModelVersion": "model_version",
    "ModelVersionPage": "model_version_page",
    "Prediction": "prediction",
    "PredictionPage": "prediction_page",
    "PredictionRequest": "prediction_request",
    "PredictionStatus": "prediction_status",
    "PredictionUrls": "prediction_urls",
    "PredictionsListSource": "predictions_list_source",
    "Problem": "problem",
    "SearchCollection": "search_collection",
    "SearchModel": "search_model",
    "SearchModelMetadata": "search_model_metadata",
    "SearchPage": "search_page",
    "SearchResults": "search_results",
    "SortDirection": "sort_direction",
    "Source": "source",
    "Training": "training",
    "TrainingOutput": "training_output",
    "TrainingPage": "training_page",
    "TrainingRequest": "training_request",
    "TrainingUrls": "training_urls",
    "VersionPredictionRequest": "version_prediction_request",
    "Visibility": "visibility",
    "WebhookEvent": "webhook_event",
    "WebhookSecret": "webhook_secret",
}


if not TYPE_CHECKING:  # else every name would seem to exist

    def __getattr__(name: str) -> object:
        return load(__name__, _MODULES, name)


def __dir__() -> list[str]:
    return sorted(__all__)

"""The schemas that Cog adds to the schemas of a model's inputs and output."""

from collections.abc import Mapping

_STRING = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
_OBJECT = {"type": "object"}


def _ref(name: str) -> dict[str, object]:
    return {"$ref": f"#/components/schemas/{name}"}


def _enum(name: str, *values: str) -> dict[str, object]:
    return {"enum": values, "type": "string", "title": name, "description": "An enumeration."}


def _object(name: str, **properties: Mapping[str, object]) -> dict[str, object]:
    titled = {
        field: schema if "$ref" in schema else {**schema, "title": field.replace("_", " ").title()}
        for field, schema in properties.items()
    }
    return {"type": "object", "title": name, "properties": titled}


COMPONENTS: Mapping[str, Mapping[str, object]] = {
    "Status": _enum("Status", "starting", "processing", "succeeded", "canceled", "failed"),
    "WebhookEvent": _enum("WebhookEvent", "start", "output", "logs", "completed"),
    "ValidationError": {
        **_object(
            "ValidationError",
            loc={"type": "array", "items": {"anyOf": [_STRING, {"type": "integer"}]}},
            msg=_STRING,
            type=_STRING,
        ),
        "required": ["loc", "msg", "type"],
    },
    "HTTPValidationError": _object(
        "HTTPValidationError", detail={"type": "array", "items": _ref("ValidationError")}
    ),
    "PredictionRequest": _object(
        "PredictionRequest",
        id=_STRING,
        input=_ref("Input"),
        webhook={"type": "string", "format": "uri", "maxLength": 65_536, "minLength": 1},
        created_at=_MOMENT,
        output_file_prefix=_STRING,
        webhook_events_filter={
            "type": "array",
            "items": _ref("WebhookEvent"),
            "default": ["start", "output", "logs", "completed"],
        },
    ),
    "PredictionResponse": _object(
        "PredictionResponse",
        id=_STRING,
        logs={**_STRING, "default": ""},
        error=_STRING,
        input=_ref("Input"),
        output=_ref("Output"),
        status=_ref("Status"),
        metrics=_OBJECT,
        version=_STRING,
        created_at=_MOMENT,
        started_at=_MOMENT,
        completed_at=_MOMENT,
    ),
}

"""Models keep unexpected values of the API unchanged. Guarantee 8."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replicate_api import models
from replicate_api.models import Model, Prediction, Training
from replicate_api.timestamps import timestamp
from support.bodies import (
    BODIES,
    MODEL_2025,
    OPERATIONS,
    PREDICTION_2023,
    PREDICTION_2025,
    SPEC,
    TRAINING_2025,
    answers_json,
    mutations,
    parse,
    same_json,
    unparse,
)

EVERY_BODY = [
    pytest.param(operation_id, body, id=f"{operation_id}-{number}")
    for operation_id, bodies in BODIES.items()
    for number, body in enumerate(bodies)
]
READERS = {
    name: getattr(models, name).from_dict
    for name in dir(models)
    if hasattr(getattr(models, name), "from_dict")
}


def test_every_operation_with_a_json_response_has_bodies() -> None:
    assert set(BODIES) == {name for name in OPERATIONS if answers_json(name)}


# From JSON and back


@pytest.mark.parametrize(("operation_id", "body"), EVERY_BODY)
def test_a_body_is_returned_unchanged(operation_id: str, body: Any) -> None:
    made = parse(operation_id, body)
    assert type(made).__module__.startswith("replicate_api") or isinstance(made, list)
    assert same_json(unparse(made), body)


@pytest.mark.parametrize(("operation_id", "body"), EVERY_BODY)
def test_a_body_with_unexpected_values_is_returned_unchanged(operation_id: str, body: Any) -> None:
    for path, what, mutated in mutations(body):
        if type(mutated) is not type(body):  # a response of another type is an error
            with pytest.raises(ValueError, match="the response must be a JSON "):
                parse(operation_id, mutated)
        else:
            assert same_json(unparse(parse(operation_id, mutated)), mutated), (path, what)


def test_mutations_reach_every_place() -> None:
    found = {(mutation.path, mutation.what) for mutation in mutations({"a": [{"b": 1}]})}
    places: list[tuple[str | int, ...]] = [(), ("a",), ("a", 0), ("a", 0, "b")]
    kinds = ("null", "text", "integer", "float", "object", "list", "boolean")
    assert found == {(place, kind) for place in places for kind in kinds} | {
        (place, "missing") for place in places[1:]
    }


_FIELDS = sorted(
    {name for body in (PREDICTION_2025, TRAINING_2025, MODEL_2025) for name in body}
    | {"results", "next", "previous", "models", "metadata", "model", "collections", "pages"}
    | {"current_release", "configuration", "created_by", "checksums", "expires_at", "type"}
)
_STAMPS = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | _STAMPS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(_FIELDS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(_FIELDS) | st.text(max_size=5), _JSON, max_size=12))
def test_every_model_returns_any_json_object_unchanged(body: dict[str, Any]) -> None:
    for name, read in READERS.items():
        assert same_json(read(body).to_dict(), body), name


# Fields of a model


def test_fields_have_the_types_of_the_document() -> None:
    model = Model.from_dict(MODEL_2025)
    assert isinstance(model.default_example, Prediction)
    assert isinstance(model.latest_version, models.ModelVersion)
    assert model.default_example.urls.get == PREDICTION_2025["urls"]["get"]  # type: ignore[index]
    assert model.created_at == datetime(2025, 1, 1, tzinfo=UTC)


def test_missing_fields_are_none_and_unknown_fields_are_additional() -> None:
    prediction = Prediction.from_dict({"id": "p", "a_field_to_come": [1]})
    assert prediction.id == "p"
    assert prediction.status is None
    assert prediction.additional_properties == {"a_field_to_come": [1]}
    assert "id" not in prediction.additional_properties


def test_an_unknown_status_is_a_string() -> None:
    assert str(Training.from_dict({"status": "running"}).status) == "running"


def test_the_source_of_a_model_is_not_changed() -> None:
    body = {"id": "p", "status": "starting"}
    prediction = Prediction.from_dict(body)
    prediction.status = "failed"
    prediction.to_dict()["id"] = "q"
    assert body == {"id": "p", "status": "starting"}
    assert prediction.to_dict() == {"id": "p", "status": "failed"}


def test_models_are_equal_when_their_fields_are() -> None:
    assert Prediction.from_dict(PREDICTION_2023) == Prediction.from_dict(PREDICTION_2023)
    assert Prediction.from_dict(PREDICTION_2023) != Prediction.from_dict(PREDICTION_2025)


def test_a_new_model_returns_its_values() -> None:
    request = models.VersionPredictionRequest(
        version="v", input={"prompt": "boats"}, webhook_events_filter=["completed"]
    )
    assert request.to_dict() == {
        "version": "v",
        "input": {"prompt": "boats"},
        "webhook_events_filter": ["completed"],
    }


# Changes


@pytest.mark.parametrize(
    ("field", "value", "json_value"),
    [
        ("status", "failed", "failed"),
        ("logs", None, None),
        ("created_at", None, None),
        ("urls", None, None),
        ("output", [1, {"a": 2}], [1, {"a": 2}]),
        ("created_at", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (
            "completed_at",
            datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=timezone(timedelta(hours=-2))),
            "2026-01-02T03:04:05.000678-02:00",
        ),
        ("started_at", datetime.fromisoformat("2026-01-02T03:04:05"), "2026-01-02T03:04:05Z"),
    ],
)
def test_to_dict_has_a_changed_field(field: str, value: object, json_value: object) -> None:
    prediction = Prediction.from_dict(PREDICTION_2025)
    setattr(prediction, field, value)
    assert same_json(prediction.to_dict(), {**PREDICTION_2025, field: json_value})


def test_to_dict_has_a_missing_field_after_it_is_set() -> None:
    prediction = Prediction.from_dict({"id": "p"})
    prediction.started_at = datetime(2026, 1, 2, tzinfo=UTC)
    prediction.deployment = "d"
    assert prediction.to_dict() == {
        "id": "p",
        "started_at": "2026-01-02T00:00:00Z",
        "deployment": "d",
    }


def test_to_dict_has_a_change_inside_an_object() -> None:
    model = Model.from_dict(MODEL_2025)
    assert model.default_example is not None
    model.default_example.urls.web = "https://elsewhere.example"
    changed = model.to_dict()
    assert changed["default_example"]["urls"]["web"] == "https://elsewhere.example"
    assert {**changed, "default_example": None} == {**MODEL_2025, "default_example": None}


# Timestamps


@pytest.mark.parametrize("digits", range(1, 10))
def test_a_time_may_have_any_number_of_fraction_digits(digits: int) -> None:
    text = f"2024-02-03T04:05:06.{'123456789'[:digits]}Z"
    prediction = Prediction.from_dict({"created_at": text})
    microsecond = int("123456789"[: min(digits, 6)].ljust(6, "0"))
    assert prediction.created_at == datetime(2024, 2, 3, 4, 5, 6, microsecond, tzinfo=UTC)
    assert prediction.to_dict() == {"created_at": text}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-02-03T04:05:06Z", datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("2024-02-03T04:05:06", datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("2024-02-03T04:05:06.5", datetime(2024, 2, 3, 4, 5, 6, 500000, tzinfo=UTC)),
        ("2024-02-03 04:05:06+00:00", datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("2024-02-03T06:05:06+02:00", datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("2024-02-03 04:05:06 UTC", datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("2024-02-03 04:05 GMT", datetime(2024, 2, 3, 4, 5, tzinfo=UTC)),
    ],
)
def test_a_time_is_aware_and_keeps_its_text(text: str, moment: datetime) -> None:
    assert timestamp(text) == moment
    assert timestamp(text).tzinfo is not None
    assert Prediction.from_dict({"created_at": text}).to_dict() == {"created_at": text}


@pytest.mark.parametrize(
    "text",
    [
        "2022-01-01T20:00:84.5Z",
        "2022-01-01T25:00:00Z",
        "2022-02-30T20:00:00Z",
        "2022-01-01T20:00:00 is when it began",
        "2022-01-01T20:00:00 and on",
        "2022-01-01T20:00:00+99:99",
        "2022-01-01 20:00 FOO",
        "just now",
        "",
    ],
)
def test_text_that_is_not_a_time_stays_a_string(text: str) -> None:
    assert timestamp(text) == text
    assert Prediction.from_dict({"created_at": text}).to_dict() == {"created_at": text}


def test_a_time_that_only_changes_its_zone_keeps_its_text() -> None:
    prediction = Prediction.from_dict({"created_at": "2024-02-03T04:05:06.123456789Z"})
    prediction.created_at = prediction.created_at.astimezone(timezone(timedelta(hours=2)))
    assert prediction.to_dict() == {"created_at": "2024-02-03T04:05:06.123456789Z"}


def test_every_schema_with_fields_is_an_attribute_and_listed() -> None:
    schemas = SPEC["components"]["schemas"].items()
    named = {name for name, schema in schemas if "properties" in schema or "enum" in schema}
    assert named == set(models.__all__)
    assert set(models.__all__) <= set(dir(models))
    assert all(getattr(models, name) for name in models.__all__)


def test_an_unknown_model_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"replicate_api\.models.*'Nonsense'"):
        _ = models.Nonsense  # type: ignore[attr-defined] # that is the test
    assert not hasattr(models, "Nonsense")

"""Model references in all of their forms."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replicate_api.models import Deployment, Model, ModelVersion, Prediction

from replicate_ext import InvalidReferenceError, ModelReference, ReplicateError
from replicate_ext._runs.request import operation_of

VERSION = "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa"


def path_of(reference: ModelReference) -> str:
    """The path of the request that creates a prediction."""
    return operation_of(reference)(body={})["url"]


@pytest.mark.parametrize(
    ("text", "parts", "path"),
    [
        ("owner/name", ("owner", "name", None, False), "/models/owner/name/predictions"),
        ("a/b-1.0_c", ("a", "b-1.0_c", None, False), "/models/a/b-1.0_c/predictions"),
        (f"owner/name:{VERSION}", ("owner", "name", VERSION, False), "/predictions"),
        ("a/b-1.0:abc123", ("a", "b-1.0", "abc123", False), "/predictions"),
        (VERSION, (None, None, VERSION, False), "/predictions"),
        (
            "deployments/owner/name",
            ("owner", "name", None, True),
            "/deployments/owner/name/predictions",
        ),
        # Nobody may be called deployments, but nothing else could be meant.
        ("deployments/name", ("deployments", "name", None, False), None),
        ("ö/naïve", ("ö", "naïve", None, False), "/models/%C3%B6/na%C3%AFve/predictions"),
        ("a?b/c#d%", ("a?b", "c#d%", None, False), "/models/a%3Fb/c%23d%25/predictions"),
    ],
)
def test_every_form_is_read(text: str, parts: tuple[Any, ...], path: str | None) -> None:
    reference = ModelReference.of(text)

    assert tuple(reference) == parts
    assert str(reference) == text
    assert path is None or path_of(reference) == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "owner",
        "owner/",
        "/name",
        "/",
        "owner:abc123",
        "/model:abc123",
        ":abc123",
        ":",
        "owner/name:",
        "owner/name:a:b",
        "owner/name/more",
        "owner//name",
        "owner/name ",
        " owner/name",
        "owner/na me",
        "owner/name\n",
        f"{VERSION}\n",
        "deployments/owner/",
        "deployments//name",
        "deployments/owner/name:abc123",
        "deployments/owner/name/more",
        "Deployments/owner/name",
        "https://replicate.com/owner/name",
        VERSION[:-1],
        VERSION + "0",
        VERSION.upper(),
        VERSION[:-1] + "g",
    ],
)
def test_a_text_in_no_accepted_form_is_rejected(text: str) -> None:
    with pytest.raises(InvalidReferenceError, match="owner/name:version") as caught:
        ModelReference.of(text)

    assert repr(text) in str(caught.value)
    assert isinstance(caught.value, ReplicateError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (Model(owner="owner", name="name"), "owner/name"),
        # The newest version is the API's to choose: naming it would pin one that may be gone.
        (
            Model(owner="owner", name="name", latest_version=ModelVersion(id=VERSION)),
            "owner/name",
        ),
        (ModelVersion(id=VERSION), VERSION),
        (ModelVersion(id="hidden"), "hidden"),
        (Deployment(owner="owner", name="name"), "deployments/owner/name"),
        (ModelReference("owner", "name", "abc123"), "owner/name:abc123"),
        (ModelReference("owner", "name", is_deployment=True), "deployments/owner/name"),
        (ModelReference(version=VERSION), VERSION),
    ],
)
def test_objects_refer_to_themselves(source: Any, text: str) -> None:
    assert str(ModelReference.of(source)) == text


@pytest.mark.parametrize(
    "source",
    [
        Model(),
        Model(owner="owner"),
        Model(name="name"),
        ModelVersion(),
        ModelVersion(id=""),
        Deployment(owner="owner"),
        Prediction.from_dict({"id": "p1", "model": "owner/name", "version": VERSION}),
        None,
        5,
        b"owner/name",
        ("owner", "name"),
        ["owner/name"],
        {"owner": "owner", "name": "name"},
        object(),
        Model,
    ],
)
def test_objects_without_an_id_or_a_name_are_rejected(source: Any) -> None:
    with pytest.raises(InvalidReferenceError, match="owner/name:version"):
        ModelReference.of(source)


WITHOUT_HURRY = settings(deadline=None)  # other tests may be running beside them
TEXTS = st.text("ab0.-_/: \n\t\x00é", max_size=30) | st.text(string.printable, max_size=30)
SEGMENTS = st.text(string.ascii_letters + string.digits + "-_.", min_size=1, max_size=20).filter(
    lambda text: text.strip(".") != ""
)


@WITHOUT_HURRY
@given(TEXTS | st.none() | st.integers() | st.binary(max_size=9) | st.lists(TEXTS, max_size=3))
def test_any_other_value_raises_invalid_reference_error(source: Any) -> None:
    try:
        reference = ModelReference.of(source)
    except InvalidReferenceError:
        return
    assert str(reference) == source


@WITHOUT_HURRY
@given(SEGMENTS, SEGMENTS, st.none() | SEGMENTS, st.booleans())
def test_a_reference_comes_back_from_its_text(
    owner: str, name: str, version: str | None, is_deployment: bool
) -> None:
    reference = ModelReference(owner, name, None if is_deployment else version, is_deployment)

    assert ModelReference.of(str(reference)) == reference
    assert ModelReference.of(reference) == reference
    assert path_of(reference).endswith("/predictions")


@WITHOUT_HURRY
@given(st.text("0123456789abcdef", min_size=64, max_size=64))
def test_a_version_comes_back_from_its_text(version: str) -> None:
    assert str(ModelReference.of(version)) == version
    assert path_of(ModelReference.of(version)) == "/predictions"

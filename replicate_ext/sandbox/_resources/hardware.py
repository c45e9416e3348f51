"""`/hardware`: the hardware of models and deployments."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._http.problems import validation_failed
from replicate_ext.sandbox._http.responses import APIResponse

HARDWARE: Mapping[str, str] = {
    "cpu": "CPU",
    "gpu-a100-large": "Nvidia A100 (80GB) GPU",
    "gpu-a100-large-2x": "2x Nvidia A100 (80GB) GPU",
    "gpu-h100": "Nvidia H100 GPU",
    "gpu-l40s": "Nvidia L40S GPU",
    "gpu-l40s-2x": "2x Nvidia L40S GPU",
}


def check_hardware(sku: object) -> None:
    """Validate the SKU in a request.

    Raises:
        Problem: 400 when there is no such hardware.
    """
    if sku not in HARDWARE:
        options = ", ".join(HARDWARE)
        detail = f"{sku} is not a valid hardware SKU. Your options are: {options}."
        raise validation_failed({"hardware": detail})


def hardware_routes() -> list[BaseRoute]:
    """Return the routes, relative to `/v1`."""
    return [Route("/hardware", _list)]


async def _list(_request: Request) -> Response:
    return APIResponse([{"sku": sku, "name": name} for sku, name in HARDWARE.items()])

"""`/hardware`: what models can be said to run on."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from replicate_ext.sandbox._http.problems import validation_failed
from replicate_ext.sandbox._http.responses import JSONAnswer

HARDWARE: Mapping[str, str] = {
    "cpu": "CPU",
    "gpu-a100-large": "Nvidia A100 (80GB) GPU",
    "gpu-a100-large-2x": "2x Nvidia A100 (80GB) GPU",
    "gpu-h100": "Nvidia H100 GPU",
    "gpu-l40s": "Nvidia L40S GPU",
    "gpu-l40s-2x": "2x Nvidia L40S GPU",
}


def check_hardware(sku: object) -> None:
    """Raise `Problem` (400) unless there is such hardware.

    Args:
        sku: what a request calls it.
    """
    if sku not in HARDWARE:
        options = ", ".join(HARDWARE)
        detail = f"{sku} is not a valid hardware SKU. Your options are: {options}."
        raise validation_failed({"hardware": detail})


def hardware_routes() -> list[BaseRoute]:
    """List the routes, below `/v1`."""
    return [Route("/hardware", _list)]


async def _list(_request: Request) -> Response:
    return JSONAnswer([{"sku": sku, "name": name} for sku, name in HARDWARE.items()])

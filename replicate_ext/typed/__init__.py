"""Models as typed functions of their inputs.

::

    from replicate_ext import typed

    upscale = typed.load("nightmareai/real-esrgan")
    picture = upscale(image=Path("small.png"), scale=2)

``replicate-ext types add`` writes such functions as modules that editors and type checkers read.
"""

from replicate_ext.typed.async_loading import aload
from replicate_ext.typed.function import ModelFunction
from replicate_ext.typed.loading import load

__all__ = ["ModelFunction", "aload", "load"]

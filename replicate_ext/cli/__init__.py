"""The command ``replicate-ext``, in the extras ``cli`` and ``types``."""

# Generated from openapi.yaml by `make generate`; changes made here are lost.
"""What the endpoint functions raise."""


class UnexpectedStatus(Exception):
    """The API answered with a status that is no success.

    Args:
        status_code: The answer's status.
        content: The answer's body.
    """

    def __init__(self, status_code: int, content: bytes) -> None:
        super().__init__(status_code, content)
        self.status_code = status_code
        self.content = content

    def __str__(self) -> str:
        return (
            f"the API answered {self.status_code}: {self.content[:1000].decode(errors='replace')}"
        )

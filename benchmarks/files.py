"""Files to upload, paths for downloads, and certificates, on the disk beside the environments."""

from __future__ import annotations

import os
from pathlib import Path

_DIRECTORY = Path(__file__).parent / ".env" / "files"
SMALL = _DIRECTORY / "1k.bin"
MB_50 = _DIRECTORY / "50m.bin"
MB_200 = _DIRECTORY / "200m.bin"
CERTIFICATE = _DIRECTORY / "server.pem"
AUTHORITIES = _DIRECTORY / "authorities.pem"
_SIZES = {SMALL: 1_000, MB_50: 50_000_000, MB_200: 200_000_000}
_BLOCK = 1_000_000


def make() -> None:
    """Make the missing files of random bytes, and new certificates."""
    _DIRECTORY.mkdir(parents=True, exist_ok=True)
    for path, size in _SIZES.items():
        if path.exists() and path.stat().st_size == size:
            continue
        with path.open("wb") as file:
            for _ in range(0, size, _BLOCK):
                file.write(os.urandom(min(size, _BLOCK)))
    _certify()


def _certify() -> None:
    """Make a certificate for the fake API, signed by an authority that only the peers trust."""
    import certifi
    import trustme

    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(CERTIFICATE)
    # With all authorities that a client usually loads, because loading them takes time.
    AUTHORITIES.write_text(certifi.contents(), encoding="utf-8")
    authority.cert_pem.write_to_path(AUTHORITIES, append=True)


def target() -> Path:
    """Return a path for a file that this process writes and must delete."""
    return _DIRECTORY / f"received-{os.getpid()}.bin"

from __future__ import annotations

import pytest
from support.plugin import STRICT, VARIABLES, Run


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs pytest on a file, in a subprocess, with no other plugins than are named."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run_file(code: str, *args: str, ini: str = STRICT) -> pytest.RunResult:
        pytester.makeini(ini)
        pytester.makepyfile(test_app=code)
        return pytester.runpytest_subprocess("-p", "replicate_ext.testing.plugin", *args)

    return run_file

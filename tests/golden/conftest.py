from collections.abc import Callable

import pytest

from examples import GOLDEN


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-goldens",
        action="store_true",
        help="write what is rendered now as what is expected; then read the diff",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], str]:
    """What is written down under a name; or, when goldens are rewritten, what is given."""
    # The default is for runs that load this file too late for its option to be parsed.
    rewrites = request.config.getoption("--rewrite-goldens", default=False)

    def expected(name: str, actual: str) -> str:
        path = GOLDEN / f"{name}.yaml"
        if rewrites:
            path.write_text(actual)
        return path.read_text()

    return expected

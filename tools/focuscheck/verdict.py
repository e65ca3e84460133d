"""What the validator says of a data set, rule by rule."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from focuscheck.environment import site_packages, validator

VERSION: Final = "1.2.0.1"
"""The rules of FOCUS 1.2, as the validator brings them along."""
CRITERIA: Final = (
    "ACCOUNT_NAMING_SUPPORTED",
    "BILLING_BASED_ON_PROVISIONED_RESOURCES_SUPPORTED",
    "MULTIPLE_BILLING_ACCOUNT_TYPES_SUPPORTED",
    "MULTIPLE_PRICING_CATEGORIES_SUPPORTED",
    "MULTIPLE_SUB_ACCOUNT_TYPES_SUPPORTED",
    "NEGOTIATED_PRICING_SUPPORTED",
    "PUBLIC_PRICE_LIST_SUPPORTED",
    "RESOURCE_TYPE_ASSIGNMENT_SUPPORTED",
    "SUB_ACCOUNT_SUPPORTED",
    "TAGGING_SUPPORTED",
    "UNIT_PRICING_SUPPORTED",
    "USAGE_MEASUREMENT_SUPPORTED",
)
"""What a platform of tenants has of what FOCUS leaves to the provider; the rest it skips: zones,
regions, commitments, capacity reservations, several currencies at once."""

_TOTAL: Final = re.compile(
    r"^Total: \d+ \| Pass: (\d+) \| Fail: (\d+) \| Skipped: \d+$", re.MULTILINE
)
_FAILED: Final = re.compile(r"^❌ (\S+): FAIL", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many rules hold, and which do not.

    Attributes:
        passed: how many rules hold.
        failed: the rules that do not.
        said: all that was printed.
    """

    passed: int
    failed: frozenset[str]
    said: str


def verdict(data: Path, criteria: Sequence[str] = CRITERIA) -> Verdict:
    """Have a data set judged.

    Args:
        data: a CSV file.
        criteria: what applies, in the validator's words.

    Raises:
        RuntimeError: it did not come to a verdict.
    """
    program = validator()
    options = ["--validate-version", VERSION, "--block-download", "--show-violations"]
    done = subprocess.run(
        [
            program,
            "--data-file",
            data.resolve(),
            *options,
            "--applicability-criteria",
            ",".join(criteria),
        ],
        cwd=site_packages(program),
        capture_output=True,
        text=True,
        check=False,
    )
    total = _TOTAL.search(done.stdout)
    if total is None:
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    failed = frozenset(_FAILED.findall(done.stdout))
    if len(failed) != int(total[2]):
        raise RuntimeError(f"{total[0]}, but {len(failed)} are named")
    return Verdict(int(total[1]), failed, done.stdout)

"""``tenantry cost`` over a real store, that the meter's own ledger has written.

A core-hour is 1, a GiB-hour 0.25, so the node of ``metered_store`` costs 48 x (4 + 2) = 288: acme
48 x 1.25 = 60, globex 24 x 0.75 = 18, idle 210.
"""

import csv
import io
import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from metered_store import fill
from rate_cards import manifest
from tenantry.cli import cli

WINDOW = ("--window", "2026-10-24..2026-10-25")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a store with the two days in it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('cost')}/meter.db"
    fill(url)
    return url


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    file = tmp_path / "prices.yaml"
    file.write_text(yaml.safe_dump(manifest("list", prices={"cpu": "1", "memory": "0.25"})))
    return file


def call(database: str, prices: Path, *arguments: str) -> Result:
    options = ("--database", database, "--prices", str(prices))
    return CliRunner().invoke(cli, ["cost", *options, *arguments], prog_name="tenantry")


def test_json_has_every_amount(database: str, prices: Path) -> None:
    done = call(database, prices, *WINDOW)

    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["total"] == "288.00"
    assert found["parts"] == {
        "tenants": "78.00",
        "shared": "0.00",
        "idle": "210.00",
        "unallocated": "0.00",
    }
    assert [(row["tenant"], row["cost"]) for row in found["rows"]] == [
        ("(idle)", "210.00"),
        ("acme", "60.00"),
        ("globex", "18.00"),
    ]
    assert found["rows"][1]["days"] == {"2026-10-24": "30.00", "2026-10-25": "30.00"}
    assert found["notes"] == ["Usage is not measured: what was requested is charged."]


def test_a_tenant_is_shown_by_its_applications_and_pays_its_share(
    database: str, prices: Path
) -> None:
    by = ("--by", "application,component")

    done = call(database, prices, "acme", *WINDOW, *by, "--share-idle", "even")

    # 210 / 2 of idle cost on each of the two days; day by day it is the same
    found = json.loads(done.stdout)
    rows = {(row["application"], row["component"]): row["cost"] for row in found["rows"]}
    assert rows[("shop", "web")] == "60.00"
    assert found["total"] == f"{60 + float(rows[('(idle)', '(idle)')]):.2f}"


def test_csv_has_a_line_a_row(database: str, prices: Path) -> None:
    done = call(database, prices, *WINDOW, "--format", "csv", "--by", "tenant,resource")

    rows = [*csv.DictReader(io.StringIO(done.stdout))]
    costs = {(row["tenant"], row["resource"]): row["cost"] for row in rows}
    assert costs["acme", "cpu"] == "48.00"
    assert costs["acme", "memory"] == "12.00"
    assert {row["currency"] for row in rows} == {"USD"}


def test_focus_has_a_row_a_charge(database: str, prices: Path) -> None:
    done = call(database, prices, "globex", *WINDOW, "--format", "focus", "--account", "prod")

    rows = [*csv.DictReader(io.StringIO(done.stdout))]
    assert sum(float(row["BilledCost"]) for row in rows) == pytest.approx(18)
    assert {(row["SubAccountId"], row["BillingAccountId"]) for row in rows} == {("globex", "prod")}


def test_a_table_fits_80_columns_and_adds_up(
    database: str, prices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    done = call(database, prices, *WINDOW, "--format", "table")

    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in done.stdout
    assert lines[0] == "2026-10-24 00:00 to 2026-10-26 00:00 UTC, in USD"
    rows = {line.split()[0]: line.split()[1:] for line in lines if line.strip()}
    assert rows["TENANT"] == ["COST", "TREND"]
    assert rows["acme"] == ["60.00", "██"]
    assert rows["globex"] == ["18.00", "█▁"]
    assert rows["TOTAL"] == ["288.00"]


def test_html_is_one_file_with_the_same_amounts(database: str, prices: Path) -> None:
    done = call(database, prices, "acme", *WINDOW, "--format", "html")

    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("<!DOCTYPE html>")
    assert ">60.00<" in done.stdout
    assert "globex" not in done.stdout


def test_an_application_is_shown_by_component(database: str, prices: Path) -> None:
    done = call(database, prices, "acme", *WINDOW, "--application", "shop")

    found = json.loads(done.stdout)
    assert [(row["component"], row["cost"]) for row in found["rows"]] == [("web", "60.00")]
    assert (found["by"], found["total"]) == (["component"], "60.00")
    unknown = call(database, prices, "acme", *WINDOW, "--application", "sop")
    assert "Nothing is charged for sop in this window" in unknown.stdout


@pytest.mark.parametrize(
    ("arguments", "note"),
    [
        (("acne", *WINDOW), "Nothing is charged to acne in this window: is that its name?"),
        (("--window", "2026-10-20..2026-10-25"), "Nothing was metered before 2026-10-24 00:00."),
        (("--window", "2026-10-25..2026-10-30"), "What was metered ends at 2026-10-26 00:00."),
    ],
)
def test_what_a_report_cannot_know_it_says(
    database: str, prices: Path, arguments: tuple[str, ...], note: str
) -> None:
    done = call(database, prices, *arguments)

    assert note in json.loads(done.stdout)["notes"]


@pytest.mark.parametrize(
    ("arguments", "code", "advice"),
    [
        (("--window", "week"), 2, "is no window: write month, last-month"),
        (("--by", "tenant,colour"), 2, "'colour' is none of tenant, namespace"),
        (("--format", "xml"), 2, "is not one of"),
        (("--application", "shop"), 2, "name the tenant, too"),
        (("acme", "--application", "a", "--format", "focus"), 2, "leave the application out"),
    ],
)
def test_what_makes_no_sense_is_told_what_to_write(
    database: str, prices: Path, arguments: tuple[str, ...], code: int, advice: str
) -> None:
    done = call(database, prices, *arguments)

    assert done.exit_code == code
    assert advice in " ".join(done.stderr.split())


def test_without_a_store_the_error_is_one_line(prices: Path) -> None:
    done = call("mysql://nowhere/db", prices, *WINDOW)

    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "expected sqlite:////path/to/file.db or postgresql://" in done.stderr


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("{", "no YAML"),
        ("kind: Pod", "document 1 is of kind Pod: write RateCards and Tenants only"),
        ("kind: RateCard\nmetadata: {name: a}\nspec: {currency: XYZ}", "spec.currency: "),
    ],
)
def test_a_bad_file_of_prices_is_told(
    database: str, tmp_path: Path, text: str, advice: str
) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)

    done = call(database, file, *WINDOW)

    assert done.exit_code == 1
    assert advice in done.stderr

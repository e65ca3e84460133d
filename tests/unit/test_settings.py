"""Where options come from, which source wins, and what a wrong one is answered with."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from tenantry.api.platform import Platform
from tenantry.meter_settings import MeterSettings
from tenantry.option_values import Address, address_of
from tenantry.options import OF, Command, options
from tenantry.settings import Settings, SettingsError, load, load_into

WriteFile = Callable[[str], Path]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("TENANTRY_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> WriteFile:
    def write(content: str) -> Path:
        path = tmp_path / "tenantry.yaml"
        path.write_text(content)
        return path

    return write


def test_defaults_are_those_of_the_field() -> None:
    settings = load({})

    assert (settings.lease_duration, settings.lease_renew_deadline) == (15, 10)
    assert settings.lease_retry_period == 2
    assert (settings.workers, settings.resync_interval) == (24, 600)
    assert settings.leader_elect is False


def test_flags_win_over_the_environment_and_that_over_the_file(
    monkeypatch: pytest.MonkeyPatch, file: WriteFile
) -> None:
    path = file("workers: 2\nlog-level: error\nlease-name: from-file\n")
    monkeypatch.setenv("TENANTRY_WORKERS", "3")
    monkeypatch.setenv("TENANTRY_LOG_LEVEL", "warning")

    settings = load({"workers": "4", "config": path})

    assert settings.workers == 4
    assert settings.log_level == "warning"
    assert settings.lease_name == "from-file"


def test_the_environment_may_name_the_file(
    monkeypatch: pytest.MonkeyPatch, file: WriteFile
) -> None:
    monkeypatch.setenv("TENANTRY_CONFIG", str(file("leader-elect: true\n")))

    assert load({}).leader_elect is True


def test_an_empty_file_and_an_empty_variable_say_nothing(
    monkeypatch: pytest.MonkeyPatch, file: WriteFile
) -> None:
    monkeypatch.setenv("TENANTRY_WORKERS", "")

    assert load({"config": file("# nothing yet\n")}).workers == 24


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load({}).workers = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90.0), ("0.25", 0.25), ("500ms", 0.5), ("10m", 600.0), ("1h30m", 5400.0)],
)
def test_durations_are_seconds_or_written_as_in_go(text: str, seconds: float) -> None:
    assert load({"resync_interval": text}).resync_interval == seconds


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (":8080", (None, 8080)),
        (":0", (None, 0)),
        ("127.0.0.1:9000", ("127.0.0.1", 9000)),
        ("localhost:9000", ("localhost", 9000)),
        ("[::1]:9000", ("::1", 9000)),
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, address: tuple[str | None, int]) -> None:
    assert address_of(text) == Address(*address)


def test_what_the_platform_is_like_is_as_usual_unless_it_is_said() -> None:
    assert load({}).platform == Platform()
    said = {
        "gateway_class": "shared",
        "ingress_gateway": "istio=ingress,app=edge",
        "mesh_namespace": "mesh",
        "cluster_domain": "k8s.example.com",
    }
    assert load(said).platform == Platform(
        gateway_class="shared",
        ingress_gateway={"istio": "ingress", "app": "edge"},
        mesh_namespace="mesh",
        cluster_domain="k8s.example.com",
    )


@pytest.mark.parametrize("text", ["ingress", "istio=", "=ingress", "a=b,", "a=b=c", "a b=c"])
def test_what_are_no_labels_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^--ingress-gateway: expected labels such as"):
        load({"ingress_gateway": text})


@pytest.mark.parametrize("text", ["8080", ":http", ":65536", "::1:80", "", "host:", ":-1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^--listen: expected HOST:PORT"):
        load({"listen": text})


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"workers": "0"}, "--workers: input should be greater than or equal to 1, not '0'"),
        ({"workers": "many"}, "--workers: input should be a valid integer"),
        ({"log_format": "xml"}, "--log-format: input should be 'auto', 'json' or 'console'"),
        ({"backoff_base": "-1"}, "--backoff-base: input should be greater than 0"),
        ({"backoff_base": "nan"}, "--backoff-base: "),
        ({"resync_interval": "inf"}, "--resync-interval: "),
        ({"usage_interval": "5 parsecs"}, "--usage-interval: expected seconds or a duration"),
        ({"lease_name": "No_Name"}, "--lease-name: string should match"),
        ({"lease_duration": "900ms"}, "--lease-duration: input should be greater than or equal"),
        ({"lease_duration": "10s"}, "--lease-duration: must be longer than --lease-renew-deadline"),
        ({"lease_retry_period": "9s"}, "--lease-renew-deadline: must be longer than 1.2 times"),
        ({"backoff_max": "10ms"}, "--backoff-max: must not be shorter than --backoff-base"),
    ],
)
def test_a_bad_value_is_one_line_that_names_its_flag(flags: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(flags)

    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_a_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENANTRY_WORKERS", "0")

    with pytest.raises(SettingsError, match=r"^--workers: .* not '0' in TENANTRY_WORKERS$"):
        load({})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("log-formatt: json", "there is no option 'log-formatt'; did you mean log-format?"),
        ("log_format: json", "there is no option 'log_format'; did you mean log-format?"),
        ("config: other.yaml", "there is no option 'config'"),
        ("7: 8", "there is no option 7"),
        ("- workers", "expected options, one a line, like workers: 8"),
        ("workers: [", "while parsing a flow node"),
        ("workers: 0", "--workers: input should be greater than or equal to 1, not 0 in the file"),
    ],
)
def test_a_bad_file_is_one_line_that_says_what_is_wrong(
    file: WriteFile, content: str, message: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load({"config": file(content)})

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^--config: cannot read .*: no such file"):
        load({"config": tmp_path / "none.yaml"})


def test_the_variables_of_a_service_named_tenantry_are_no_options(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "PORT": "tcp://10.0.0.1:8080",
        "PORT_8080_TCP": "tcp://10.0.0.1:8080",
        "PORT_8080_TCP_ADDR": "10.0.0.1",
        "PORT_8080_TCP_PORT": "8080",
        "PORT_8080_TCP_PROTO": "tcp",
        "SERVICE_HOST": "10.0.0.1",
        "SERVICE_PORT": "8080",
        "SERVICE_PORT_METRICS": "8080",
    }.items():
        monkeypatch.setenv(f"TENANTRY_{name}", value)

    assert load({}) == Settings.model_construct()


@pytest.mark.parametrize("command", OF)
def test_every_option_is_in_one_group_and_described(command: Command) -> None:
    settings, groups = OF[command]
    listed = [name for names in groups.values() for name in names]

    assert sorted(listed) == sorted(settings.model_fields)
    assert all(option.description.endswith(".") for option in options(command))


def test_an_option_is_spelled_alike_in_all_sources() -> None:
    option = next(option for option in options() if option.name == "resync_interval")

    assert (option.flag, option.variable) == ("--resync-interval", "TENANTRY_RESYNC_INTERVAL")
    assert (option.key, option.default, option.metavar) == ("resync-interval", "10m", "DURATION")


@pytest.mark.parametrize("command", OF)
def test_defaults_can_be_given_as_they_are_shown(command: Command) -> None:
    settings, _ = OF[command]
    shown = {option.name: option.default for option in options(command) if option.default}

    assert load_into(settings, shown) == load_into(settings, {})


def test_the_meter_keeps_days_for_as_long_as_hours_at_least() -> None:
    with pytest.raises(SettingsError, match="--keep-days: must not be shorter than --keep-hours"):
        load_into(MeterSettings, {"keep_hours": "2000h", "keep_days": "1999h"})
    with pytest.raises(SettingsError, match=r"--keep-hours: .*greater than or equal to 172800"):
        load_into(MeterSettings, {"keep_hours": "1h"})

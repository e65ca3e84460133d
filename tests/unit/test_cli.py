"""The command line, run as a user runs it where a process matters, and called where it does not."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from tenantry import policies
from tenantry.api.kinds import KINDS
from tenantry.cli import cli
from tenantry.cli.run import _causes
from tenantry.options import options


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="tenantry")


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("TENANTRY_")}
    return subprocess.run(
        [sys.executable, "-m", "tenantry", *arguments],
        env=bare | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_fits_a_screen_and_names_every_command(flag: str) -> None:
    result = call(flag)

    assert result.exit_code == 0
    assert len(result.output.splitlines()) <= 24
    assert all(f"\n  {name} " in result.output for name in cli.commands)
    assert "tenantry run --kubeconfig ~/.kube/config\n" in result.output


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = call(command, "-h")

    assert result.exit_code == 0
    assert f"\n  tenantry {command}" in result.output or f"(tenantry {command}" in result.output


def test_every_command_is_in_a_section() -> None:
    listed = [name for names in cli.sections.values() for name in names]

    assert sorted(listed) == sorted(cli.commands)


def test_help_of_run_says_of_every_option_what_the_settings_say() -> None:
    text = " ".join(call("run", "-h").output.split())

    for option in options():
        assert f"{option.flag} " in text
        assert option.description in text


def test_run_takes_what_the_settings_take_and_nothing_else() -> None:
    result = call("run", "--no-such-flag")

    assert result.exit_code == 2
    assert "No such option" in result.output


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["--workers", "0"],
            "Error: --workers: input should be greater than or equal to 1, not '0'",
        ),
        (
            ["--log-format", "xml"],
            "Error: --log-format: input should be 'auto', 'json' or 'console', not 'xml'",
        ),
        (
            ["--lease-duration", "5s"],
            "Error: --lease-duration: must be longer than --lease-renew-deadline",
        ),
        (
            ["--config", "/nowhere.yaml"],
            "Error: --config: cannot read /nowhere.yaml: no such file or directory",
        ),
    ],
)
def test_a_bad_option_is_one_line_and_exit_code_2(arguments: list[str], line: str) -> None:
    result = call("run", *arguments)

    assert (result.exit_code, result.stderr) == (2, f"{line}\n")


def test_no_way_to_a_cluster_is_exit_code_1_and_no_traceback(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("{}")

    result = process("run", "--kubeconfig", str(kubeconfig), "--listen", "127.0.0.1:0")

    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    last = json.loads(result.stderr.splitlines()[-1])
    assert (last["level"], last["error"]) == ("error", "ConnectionFailed")
    assert str(kubeconfig) in last["message"]


def test_debug_adds_the_traceback(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("{}")

    result = process(
        "run",
        "--kubeconfig",
        str(kubeconfig),
        "--listen",
        "127.0.0.1:0",
        TENANTRY_LOG_LEVEL="debug",
    )

    assert result.returncode == 1
    assert "ConnectionFailed" in json.loads(result.stderr.splitlines()[-1])["exception"]


def test_a_group_of_errors_is_told_one_by_one() -> None:
    one, other = ValueError("one"), KeyError("other")

    assert list(_causes(ExceptionGroup("both", [one, ExceptionGroup("x", [other])]))) == [
        one,
        other,
    ]


def test_crds_are_yaml_that_kubectl_can_apply() -> None:
    result = call("crds")

    assert result.exit_code == 0
    documents = list(yaml.safe_load_all(result.output))
    assert [one["metadata"]["name"] for one in documents] == [kind.crd_name for kind in KINDS]
    assert all(one["kind"] == "CustomResourceDefinition" for one in documents)


def test_policies_are_yaml_that_kubectl_can_apply() -> None:
    result = call("policies")

    assert result.exit_code == 0
    assert list(yaml.safe_load_all(result.output)) == policies.manifests()


def test_policies_for_older_api_servers_mutate_nothing() -> None:
    result = call("policies", "--validating")

    kinds = {one["kind"] for one in yaml.safe_load_all(result.output)}
    assert kinds == {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}


def test_version_is_text_for_a_person_and_json_for_a_script() -> None:
    found = json.loads(call("version", "-o", "json").output)

    assert found["apiVersions"] == ["tenantry.io/v1alpha1"]
    assert set(found) >= {"version", "kopf", "python", "platform"}
    text = call("version").output
    assert f"Kopf              {found['kopf']}\n" in text
    assert f"Tenantry          {found['version']}\n" in text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(shell: str) -> None:
    result = call("completion", shell)

    assert result.exit_code == 0
    assert f"_TENANTRY_COMPLETE={shell}_complete" in result.output


def test_the_completion_script_completes_options_and_their_values() -> None:
    flags = process(
        _TENANTRY_COMPLETE="bash_complete", COMP_WORDS="tenantry run --log", COMP_CWORD="2"
    )
    values = process(
        _TENANTRY_COMPLETE="bash_complete",
        COMP_WORDS="tenantry run --log-format ",
        COMP_CWORD="3",
    )

    assert flags.stdout.split() == ["plain,--log-level", "plain,--log-format"]
    assert values.stdout.split() == ["plain,auto", "plain,json", "plain,console"]


def on_a_terminal(**environment: str) -> str:
    """What ``tenantry -h`` prints where it sees a terminal."""
    ours, theirs = pty.openpty()
    bare = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TERM"}}
    with subprocess.Popen(
        [sys.executable, "-m", "tenantry", "-h"],
        env=bare | {"TERM": "xterm"} | environment,
        stdout=theirs,
        stderr=theirs,
    ) as running:
        os.close(theirs)
        output = b""
        while chunk := _read(ours):
            output += chunk
        running.wait(60)
    os.close(ours)
    return output.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other side of a terminal was closed
        return b""


def test_colours_are_for_terminals_and_for_those_who_want_them() -> None:
    assert "\x1b[1m" in on_a_terminal()
    assert "\x1b[" not in on_a_terminal(NO_COLOR="1")
    assert "\x1b[" not in process("-h").stdout


def test_a_reader_that_goes_away_is_no_error_message() -> None:
    result = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m tenantry crds | head -1"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert result.stdout == "apiVersion: apiextensions.k8s.io/v1\n"
    assert result.stderr == ""


def test_help_answers_without_loading_what_the_operator_needs() -> None:
    script = (
        "import sys\n"
        "from tenantry.cli import cli\n"
        "cli.main(['-h'], prog_name='tenantry', standalone_mode=False)\n"
        "print(sorted({'kopf', 'kubernetes', 'pydantic', 'aiohttp'} & set(sys.modules)))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert result.stdout.splitlines()[-1] == "[]"

"""Settings: defaults without a file, the environment over the file, and faults told so that they can be mended."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from replenish.member_names import fitted_members
from replenish.settings import Settings, SettingsError, load


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "replenish.toml"


def test_a_missing_file_means_all_defaults(file: Path) -> None:
    assert load(file) == Settings()


def test_the_file_is_read(file: Path) -> None:
    file.write_text('seed = 7\n[company]\nname = "Müller"\n[order]\npaths = 100\n', encoding="utf-8")
    settings = load(file)
    assert (settings.seed, settings.company.name, settings.order.paths) == (7, "Müller", 100)
    assert settings.order.windows == Settings().order.windows


def test_the_environment_beats_the_file_key_by_key(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("[order]\npaths = 100\nwindows = 3\n", encoding="utf-8")
    monkeypatch.setenv("REPLENISH_ORDER__PATHS", "60")
    settings = load(file)
    assert (settings.order.paths, settings.order.windows) == (60, 3)


def test_one_company_leaves_no_trace_in_the_next(file: Path, tmp_path: Path) -> None:
    file.write_text("seed = 7\n", encoding="utf-8")
    load(file)
    assert load(tmp_path / "other.toml") == Settings()
    assert Settings().seed == 1


def test_settings_travel_to_worker_processes(file: Path) -> None:
    file.write_text("seed = 7\n", encoding="utf-8")
    settings = load(file)
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_a_byte_order_mark_is_no_fault(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbfseed = 7\n")
    assert load(file).seed == 7


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[order]\n\npath = 200\n", ["line 3", "order.path", "did you mean 'paths'?"]),
        ("[oder]\npaths = 200\n", ["line 1", "oder", "did you mean 'order'?"]),
        ("[order]\npaths = 201\n", ["line 2", "order.paths = 201", "multiple of 2"]),
        ("order.paths = 'many'\n", ["line 1", "order.paths = 'many'", "valid integer"]),
        ("[order]\nmethod = 'curv'\n", ["line 2", "order.method", "'curve'"]),
        ("[source.shop]\ntable = 'sales'\n", ["line 1", "source.shop", "files", "connection"]),
        ("[source.shop]\ntable='sales'\nfiles='a.csv'\ncolumn = {}\n", ["line 4", "did you mean 'columns'?"]),
        ("[order\npaths = 2\n", ["not valid TOML", "line 1"]),
        ("order = 3\n", ["line 1", "order is a section"]),
    ],
)
def test_a_fault_names_file_line_key_and_remedy(file: Path, text: str, told: list[str]) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as fault:
        load(file)
    for words in [str(file), *told]:
        assert words in str(fault.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[schedule]\nnightly = "0 4 * *"\n',
            ["line 2", "five fields", '"0 4 * * *" is every day'],
        ),
        ('[schedule]\nbacktest = "0 4 30 2 *"\n', ["schedule.backtest", "never comes"]),
        ('[schedule]\nnightly = ""\n', ["schedule.nightly"]),
        ('[schedule]\ntime_zone = "Europe/Berln"\n', ["no time zone", "names look like Europe/Berlin"]),
        ('[schedule]\ntime_zone = "../../etc/passwd"\n', ["no time zone"]),
        ("[schedule]\nlate_after_minutes = 0\n", ["schedule.late_after_minutes"]),
        (
            '[notify]\nwebhook_env = "https://hooks.example.com/s3cr3t"\n',
            ["notify.webhook_env", "not the secret itself"],
        ),
        ('[notify]\nsmtp_password_env = "s3cr3t!"\n', ["notify.smtp_password_env", "not the secret itself"]),
        ('[notify]\nemail_to = ["a@example.com"]\n', ["email_to needs email_from and smtp_host"]),
        ('[notify]\nemail_to = ["a@b, c@d"]\n', ["is no e-mail address"]),
        ('[notify]\nemail_from = "a@b\\r\\nBcc: c@d"\n', ["is no e-mail address"]),
        ('[notify]\nsmtp_user_env = "A"\n', ["go together"]),
        (
            '[notify]\nsmtp_user_env = "A"\nsmtp_password_env = "B"\nsmtp_security = "none"\n',
            ["would travel in the clear"],
        ),
        ('[notify]\non = ["broken"]\n', ["notify.on"]),
    ],
)
def test_a_schedule_or_receiver_that_cannot_work_is_told_and_secrets_are_not(
    file: Path, text: str, told: list[str]
) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load(file)
    for words in told:
        assert words in str(refused.value)
    assert "s3cr3t" not in str(refused.value)


def test_money_and_service_are_one_dial(file: Path) -> None:
    """Either alone is fine; both are a contradiction, told with the line of the section."""
    file.write_text("[order]\nfill_target = 0.97\n")
    assert load(file).order.fill_target == 0.97
    file.write_text("seed = 2\n[order]\nbudget = 100\nfill_target = 0.97\n")
    with pytest.raises(SettingsError, match=r"line 2: order: budget and fill_target are two ends of one dial: set the"):
        load(file)
    for wrong in ("1.0", "-0.1", "nan", "'high'"):
        file.write_text(f"[order]\nfill_target = {wrong}\n")
        with pytest.raises(SettingsError, match=r"line 2: order\.fill_target"):
            load(file)


def test_every_fault_is_told_at_once(file: Path) -> None:
    file.write_text("sed = 1\n[order]\npath = 2\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="did you mean 'paths'") as fault:
        load(file)
    assert "did you mean 'seed'" in str(fault.value)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("REPLENISH_ORDER__PATHS", "many", "REPLENISH_ORDER__PATHS"),
        ("REPLENISH_ORDER__PATH", "200", "did you mean 'paths'"),
        ("REPLENISH_ODER__PATHS", "200", "did you mean 'order'"),
        ("REPLENISH_ORDER", "{broken", "order"),
    ],
)
def test_a_fault_in_the_environment_names_the_variable(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="environment variable") as fault:
        load(file)
    assert told in str(fault.value)


def test_a_file_in_another_encoding_is_told(file: Path) -> None:
    file.write_bytes('[company]\nname = "Müller"\n'.encode("cp1252"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load(file)


def test_settings_pull_in_nothing_heavy() -> None:
    heavy = "{'polars', 'duckdb', 'numpy', 'scipy', 'numba', 'prefect'} & set(sys.modules)"
    code = f"import sys, replenish.settings; print(sorted({heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("written", "fitted"),
    [
        ('"full"', ("ets", "ces", "theta")),
        ('"light"', ()),
        ('["seasonal_sma", "theta", "ets", "theta"]', ("ets", "theta")),
        ("[]", ()),
    ],
)
def test_members_are_a_word_or_a_list_of_names(file: Path, written: str, fitted: tuple[str, ...]) -> None:
    file.write_text(f"[forecast]\nmembers = {written}\n")
    settings = load(file)
    assert fitted_members(settings.forecast.members) == fitted
    assert Settings.model_validate(settings.model_dump(mode="json")) == settings


def test_the_environment_names_members_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLENISH_FORECAST__MEMBERS", "light")
    assert load(file).forecast.members == "light"
    monkeypatch.setenv("REPLENISH_FORECAST__MEMBERS", '["mstl"]')
    assert load(file).forecast.members == ("mstl",)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('["ets", "thata"]', ["line 2", "forecast.members", "no member 'thata'; did you mean 'theta'?"]),
        ('["qqqq"]', ["there are seasonal_sma, tsb, ets"]),
        ('"ful"', ['write "full", "light", or a list']),
        ("3", ['write "full", "light", or a list']),
        ("[3]", ["no member 3"]),
    ],
)
def test_a_member_there_is_not_is_told_with_the_nearest_there_is(file: Path, written: str, told: list[str]) -> None:
    file.write_text(f"[forecast]\nmembers = {written}\n")
    with pytest.raises(SettingsError) as fault:
        load(file)
    assert all(words in str(fault.value) for words in told), str(fault.value)


def test_a_member_without_its_packages_is_told_before_the_night(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('[forecast]\nmembers = ["ets", "ml"]\n')
    assert load(file).forecast.members == ("ets", "ml")
    monkeypatch.setattr("replenish.member_names.ML_PACKAGES", ("mlforecast", "a_package_nobody_has"))
    with pytest.raises(SettingsError, match=r"line 2: .*ml needs further packages: pip install 'replenish\[ml\]'$"):
        load(file)


def test_mint_without_its_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "replenish.toml"
    file.write_text('[forecast]\nhierarchy = "mint"\n', encoding="utf-8")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"line 2.*pip install 'replenish\[hierarchy\]'"):
        load(file)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert load(file).forecast.hierarchy == "mint"

"""Settings of the files for ERPs: faults told so that they can be mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from replenish.settings import Settings, SettingsError, load


def test_none_is_written_for_unless_it_is_named(tmp_path: Path) -> None:
    assert Settings().publish.dialects == ()
    file = tmp_path / "replenish.toml"
    file.write_text('[publish]\ndialects = ["odoo", "erpnext"]\nerpnext_company = "Acme"\nodoo_version = 17\n')
    publish = load(file).publish
    assert (publish.dialects, publish.odoo_version) == (("odoo", "erpnext"), 17)


def test_the_environment_names_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLENISH_PUBLISH__DIALECTS", '["frepple"]')
    assert load(tmp_path / "replenish.toml").publish.dialects == ("frepple",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('dialects = ["sap"]', "no files are written for sap; known are odoo, erpnext, frepple"),
        ('dialects = "odoo"', 'give a list such as ["odoo"]'),
        ('dialects = ["odoo", "odoo"]', "a system is named twice"),
        ('dialects = ["erpnext"]', "set erpnext_company to the name of the company there"),
        ('odoo_company = "Acme Inc"', "is no external ID: write module.name, such as base.main_company"),
        ("odoo_version = 12", "input should be 16, 17, 18 or 19"),
        ('odo_version = "18"', "did you mean 'odoo_version'?"),
    ],
)
def test_faults_say_what_to_write(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "replenish.toml"
    file.write_text(f"[publish]\n{text}\n")
    with pytest.raises(SettingsError, match="publish") as fault:
        load(file)
    assert told in str(fault.value)
    assert "line" in str(fault.value)

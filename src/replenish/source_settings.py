"""Settings of what is read: `[source.*]`, `[connection.*]` and `[ingest]` of `replenish.toml`."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from replenish.sections import Section, Share

_SECRET_KEYS = r"[?&;](?:[a-z_]*(?:pass|passwd|password|pwd|secret|token)[a-z_]*|[a-z_]*key)="


class Source(Section):
    """How files, or rows of a database, that call things otherwise become an input table."""

    table: str = Field("", description="Input table the rows feed, for example sales; a preset knows its own.")
    files: str = Field(
        "",
        description="File name or pattern inside the inputs folder, for example sales_*.csv, or in object storage, for "
        "example s3://bucket/sales/*.parquet.",
    )
    connection: str = Field("", description="Name of a [connection.*]: the rows come from its database, not a file.")
    query: str = Field("", description="A table's name, or a select, of the connection's database.")
    preset: str = Field("", description="Export of a known system that the files are, for example shopify_orders.")
    snapshot_date: date | None = Field(
        None, description="Day of a stock list that has no date column; empty takes it from the file's name."
    )
    columns: dict[str, str] = Field({}, description="Column of the contract = column of the file.")
    constants: dict[str, str] = Field({}, description="Column of the contract = fixed value for every row.")
    values: dict[str, dict[str, str]] = Field(
        {}, description="Column of the contract = { value in the file = value wanted }; others stay."
    )
    factors: dict[str, float] = Field({}, description="Numeric column of the contract = factor to multiply it by.")
    uom_column: str | None = Field(None, description="Column of the file that holds the unit of the quantity.")
    uom_factors: dict[str, float] = Field({}, description="Unit = base units in it; a unit not named rejects the row.")
    only: str | None = Field(None, description="SQL condition on the file's columns: only these rows belong here.")
    set_aside: dict[str, str] = Field({}, description="Reason = SQL condition on the file's columns: rows left out.")
    duplicates: Literal["keep", "reject"] = Field(
        "keep", description="What to do with rows that repeat another whole row."
    )
    delimiter: Literal["auto", ",", ";", "\t", "|"] = Field("auto", description="Field delimiter of CSV files.")
    encoding: str = Field("auto", description="Text encoding of CSV files; auto tries UTF-8, UTF-16 and Windows-1252.")
    decimal: Literal["auto", ".", ","] = Field("auto", description="Decimal sign.")
    date_format: str = Field("auto", description="Date pattern such as %d.%m.%Y; auto tries the usual forms.")
    sheet: str | None = Field(
        None, description="Sheet of a workbook; where empty the one named like the table, else the first visible one."
    )

    @field_validator("files")
    @classmethod
    def _carries_no_key(cls, value: str) -> str:
        """What opens the door is not written on it."""
        if "://" in value and ("@" in value or "?" in value):
            raise ValueError("credentials belong in the environment (AWS_ACCESS_KEY_ID and the like), not in the URL")
        return value

    @model_validator(mode="after")
    def _comes_from_one_place(self) -> Self:
        if bool(self.files) == bool(self.connection):
            raise ValueError('say where the rows come from: files = "a pattern", or connection = "a name" and query')
        if bool(self.connection) != bool(self.query):
            raise ValueError('connection and query go together: query = "a table\'s name" or "select ..."')
        if not (self.table or self.preset):
            raise ValueError('say what the rows are: table = "sales" (or another input table), or a preset')
        return self

    @property
    def is_remote(self) -> bool:
        """Whether the files lie in object storage or on the web."""
        return "://" in self.files


class Connection(Section):
    """A database to read from; its password is in the environment, never in the file."""

    url: str = Field("", description="URL without a password, for example postgresql://reader@db.local/erp.")
    url_env: str = Field("", description="Environment variable that holds the whole URL, password and all.")
    password_env: str = Field("", description="Environment variable that holds the password of url's user.")
    timeout_seconds: int = Field(600, ge=1, le=86400, description="Seconds a query may take.")

    @field_validator("url")
    @classmethod
    def _carries_no_password(cls, value: str) -> str:
        named, at, _ = value.partition("://")[2].rpartition("@")
        if (at and ":" in named) or re.search(_SECRET_KEYS, value, re.IGNORECASE):
            raise ValueError(
                "this URL carries a password. Leave it out and name the environment variable that holds it in "
                "password_env, or put the whole URL into a variable and name that in url_env"
            )
        return value

    @field_validator("url_env", "password_env")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
            raise ValueError("give the name of an environment variable, such as ERP_DATABASE_URL, not its content")
        return value

    @model_validator(mode="after")
    def _has_one_address(self) -> Self:
        if bool(self.url) == bool(self.url_env):
            raise ValueError('give either url_env = "NAME_OF_A_VARIABLE" or url = "postgresql://user@host/database"')
        return self


class Ingest(Section):
    """Loading of files."""

    max_reject_share: Share = Field(0.05, description="Share of rejected rows in a file that stops the run.")

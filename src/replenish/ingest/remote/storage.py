"""Files in object storage and on the web: listed, and copied byte by byte; keys only from the environment."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from replenish.ingest.errors import InputError, UnreachableError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_RETRY: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
_WEB = ("http", "https")


def listed(url: str, where: str, fits: Callable[[str, str], bool]) -> list[str]:
    """URLs of the files that a pattern such as s3://bucket/sales/*.parquet finds, sorted.

    `fits` says whether a path fits a pattern. Raises `InputError` when the place cannot be reached.
    """
    scheme, host, path = _parts(url, where)
    wild = re.search(r"[*?]", path)
    if wild is None:
        return [url]
    if scheme in _WEB:
        raise InputError(f"{where} files = {url!r}: web servers list no files. Give the whole URL of one file.")
    folder = path[: wild.start()].rpartition("/")[0]
    import obstore

    with _told(url, where):
        found = [one["path"] for page in obstore.list(_store(scheme, host), prefix=folder or None) for one in page]
    return sorted(f"{scheme}://{host}/{one}" for one in found if fits(one, path))


def copied(url: str, where: str, target: Path) -> Path:
    """A copy of one file. Raises `InputError` when it cannot be had."""
    scheme, host, path = _parts(url, where)
    import obstore

    with _told(url, where), target.open("wb") as copy:
        for chunk in obstore.get(_store(scheme, host), path):
            copy.write(chunk)
    return target


def _parts(url: str, where: str) -> tuple[str, str, str]:
    if importlib.util.find_spec("obstore") is None:
        raise InputError(f"{where} files = {url!r} needs a further package: pip install 'replenish[storage]'")
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    if scheme not in ("s3", "gs", "az", *_WEB) or not host or not path:
        raise InputError(
            f"{where} files = {url!r}: write it like s3://bucket/folder/*.parquet (or gs://, az://container/, https://)."
        )
    return scheme, host, path


def _store(scheme: str, host: str) -> ObjectStore:
    from obstore.store import from_url

    options: Any = {"connect_timeout": timedelta(seconds=10), "allow_http": scheme == "http"}
    if scheme in _WEB:
        return from_url(f"{scheme}://{host}", client_options=options, retry_config=_RETRY)
    return from_url(f"{scheme}://{host}", retry_config=_RETRY)


@contextmanager
def _told(url: str, where: str) -> Iterator[None]:
    """Troubles as one sentence, with no more than the first words of what the store says."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        words = re.split(r"\n|Debug source", " ".join(str(error).split()))[0][:300].rstrip(". ")
        kind = InputError if isinstance(error, (FileNotFoundError, *_refusals())) else UnreachableError
        raise kind(
            f"{where}: {url} cannot be read: {words}. Check the address, and the keys in the environment "
            "(AWS_ACCESS_KEY_ID, GOOGLE_SERVICE_ACCOUNT, AZURE_STORAGE_ACCOUNT_KEY and the like)."
        ) from None


def _refusals() -> tuple[type[Exception], ...]:
    """A store's clear no, which waiting does not change."""
    from obstore.exceptions import InvalidPathError, NotFoundError, PermissionDeniedError, UnauthenticatedError

    return (NotFoundError, PermissionDeniedError, UnauthenticatedError, InvalidPathError)

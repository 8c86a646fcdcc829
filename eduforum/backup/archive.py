"""One archive: written whole or not at all, read only as far as it is what it says."""

import hashlib
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

from eduforum.backup.rules import DATABASE, FILES, MANIFEST, BackupFailed, Manifest

_PIECE = 1 << 20
_MOST_BESIDES = 1 << 26
_QUICK = 1
"""Most of a backup is text that shrinks well at once; the rest are pictures that never do."""


class _Hashing:
    """Reads through, and knows the hash of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def write(target: Path, database: Path, files: Path, about: Mapping[str, str]) -> Manifest:
    """Pack a copied database and the uploads into `target`; readable by the owner only.

    about: the manifest's fields besides `contents`. Raises OSError.
    """
    contents: dict[str, str] = {}
    with _whole(target) as out, _packing(out) as tar:
        contents[DATABASE] = _add(tar, DATABASE, database)
        for path in sorted(files.rglob("*")):
            if path.is_file() and not path.is_symlink():
                name = FILES + path.relative_to(files).as_posix()
                try:
                    contents[name] = _add(tar, name, path)
                except FileNotFoundError:  # removed meanwhile, with the row that named it
                    continue
        manifest = Manifest(**about, contents=contents)
        data = manifest.to_json()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(data), 0o600
        tar.addfile(info, BytesIO(data))
    return manifest


def write_keys(target: Path, keys: Mapping[str, bytes]) -> None:
    """Pack key files; readable by the owner only. Raises OSError."""
    with _whole(target) as out, tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in keys.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o600
            tar.addfile(info, BytesIO(data))


def read_keys(
    source: Path, names: frozenset[str], besides: frozenset[str] = frozenset()
) -> dict[str, bytes]:
    """What `write_keys` packed: all of `names`, and maybe `besides`. Raises `BackupFailed`."""
    found: dict[str, bytes] = {}
    with _readable(source), tarfile.open(source, "r:") as tar:
        for info in tar:
            file = tar.extractfile(info)
            if info.name not in names | besides or file is None:
                raise BackupFailed(f"{source.name} holds no keys.")
            found[info.name] = file.read(_PIECE if info.name in names else _MOST_BESIDES)
    if set(found) - besides != names:
        raise BackupFailed(f"{source.name} holds no keys.")
    return found


def unpack(source: Path, folder: Path) -> Manifest:
    """Unpack a backup into the empty `folder`. Raises `BackupFailed` unless it is whole.

    Nothing is written outside of `folder`, whatever the archive says.
    """
    found: dict[str, str] = {}
    manifest: Manifest | None = None
    with _readable(source), tarfile.open(source, "r|gz") as tar:
        for info in tar:
            file = tar.extractfile(info) if info.isreg() else None
            if file is None or not _belongs(info.name) or info.name in found:
                raise BackupFailed(f"{source.name} holds what no backup of EduForum holds.")
            if info.name == MANIFEST:
                manifest = Manifest.from_json(file.read())
            else:
                found[info.name] = _unpack(file, folder / info.name)
    if manifest is None or found != manifest.contents or DATABASE not in found:
        raise BackupFailed(f"{source.name} is damaged: its content is not what it should be.")
    return manifest


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _belongs(name: str) -> bool:
    inside = PurePosixPath(name.removeprefix(FILES))
    is_upload = name.startswith(FILES) and not inside.is_absolute() and ".." not in inside.parts
    return name in (MANIFEST, DATABASE) or is_upload


def _unpack(file: IO[bytes], target: Path) -> str:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    reading = _Hashing(file)
    with target.open("wb") as out:
        shutil.copyfileobj(reading, out, _PIECE)
        out.flush()
        os.fsync(out.fileno())
    target.chmod(0o600)
    return reading.digest.hexdigest()


def _add(tar: tarfile.TarFile, name: str, path: Path) -> str:
    with path.open("rb") as file:
        info = tarfile.TarInfo(name)
        info.size, info.mode = os.fstat(file.fileno()).st_size, 0o600
        reading = _Hashing(file)
        tar.addfile(info, reading)
    return reading.digest.hexdigest()


def _packing(out: IO[bytes]) -> tarfile.TarFile:
    more: dict[str, Any] = {"compresslevel": _QUICK, "copybufsize": _PIECE}
    return tarfile.open(fileobj=out, mode="w:gz", **more)


@contextmanager
def _whole(target: Path) -> Iterator[IO[bytes]]:
    """A new file that gets its name only when it is complete and synced."""
    draft = target.with_name(f"{target.name}.part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


@contextmanager
def _readable(source: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise BackupFailed(f"There is no file {source}.") from None
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise BackupFailed(f"{source.name} cannot be read as a backup: {error}.") from None

"""`manage.py export_dataset NAME --out FOLDER`: the files of a version, of the next one with `--build`."""

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from escalations.auditing import audit
from escalations.datasets import FORMATS, building, folders, versions
from escalations.models import Dataset, DatasetFile, DatasetVersion, VersionState

_PIECE = 1024 * 1024


class Command(BaseCommand):
    help = "Copies the files of a dataset version into a folder. What was cut short goes on where it stopped."
    # The checks would load every page, which takes more memory than the rows.
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's own `--version` gives way to the dataset's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the dataset")
        parser.add_argument("--out", required=True, type=Path, help="the folder to write to")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--version", type=int, dest="number", help="without it the newest that is ready")
        which.add_argument("--build", action="store_true", help="build the next version here and now")
        parser.add_argument("--format", choices=sorted(FORMATS), help="only the files of this format")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = Dataset.objects.filter(name=options["name"]).first()
        if dataset is None:
            raise CommandError(f"There is no dataset {options['name']}.")
        version = _built(dataset) if options["build"] else _ready(dataset, options["number"])
        audit.write(actor="command", action="export", target=f"dataset_version:{version.pk}")
        for file in version.files.all():
            if file.split == "" or options["format"] in (None, file.format):
                _copy(version, file, options["out"] / file.name)
        self.stderr.write(f"{version.row_count} rows of {version} in {options['out']}")


def _built(dataset: Dataset) -> DatasetVersion:
    try:
        started = versions.start(dataset, actor="command")
    except versions.AlreadyBuilding as error:
        raise CommandError(str(error)) from None
    building.build_waiting()
    version = DatasetVersion.objects.select_related("dataset").get(pk=started.pk)
    if version.state != VersionState.READY:
        raise CommandError(
            f"Version {version.number} was not built: {version.state} {version.problem}".strip()
        )
    return version


def _ready(dataset: Dataset, number: int | None) -> DatasetVersion:
    ready = dataset.versions.filter(state=VersionState.READY).select_related("dataset")
    version = (ready if number is None else ready.filter(number=number)).first()
    if version is None:
        raise CommandError(f"{dataset.name} has no such version that is ready. Build one with --build.")
    return version


def _copy(version: DatasetVersion, file: DatasetFile, out: Path) -> None:
    """Go on with `out.part`, and move it to its place once all of it is there and right."""
    part = out.with_name(f"{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with (folders.root() / version.folder / file.name).open("rb") as source, part.open("ab") as target:
            start = target.tell() if target.tell() <= file.bytes else target.truncate(0)
            source.seek(start)
            with tqdm(total=file.bytes, initial=start, unit="B", unit_scale=True, desc=file.name) as bar:
                while piece := source.read(_PIECE):
                    bar.update(target.write(piece))
        with part.open("rb") as written:
            if hashlib.file_digest(written, "sha256").hexdigest() != file.sha256:
                part.unlink()
                raise CommandError(f"{file.name} is not what was built. Run this again.")
        part.replace(out)
    except OSError as error:
        raise CommandError(f"Cannot write {out}: {error.strerror}") from error

"""`manage.py erase_person --customer REF | --case ID`: erase a person's data, and say where they were."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from escalations.retention import erasing


class Command(BaseCommand):
    help = "Erases what was said and written in the closed cases of a person. There is no way back."

    def add_arguments(self, parser: CommandParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--customer", default="", help="as agents name them: metadata.customer_ref")
        whose.add_argument("--case", type=UUID, help="one case, by its id")

    def handle(self, *args: Any, **options: Any) -> None:
        erasure = erasing.ask(actor="command", customer_ref=options["customer"], case_id=options["case"])
        with tqdm(unit=" cases") as bar:
            erasure = erasing.carry_out(erasure, actor="command", tell=bar.update)
        self.stdout.write(f"{erasure.cases} cases erased.")
        if erasure.left_open:
            self.stdout.write(f"{erasure.left_open} are open and stay: close them, then repeat.")
        for held in erasure.held_by:
            self.stdout.write(
                f"Dataset {held['dataset']}, version {held['number']}: {held['rows']} rows erased."
            )

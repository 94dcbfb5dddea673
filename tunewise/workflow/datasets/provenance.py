"""What a person says of a dataset version: whose it is, and on what it may be used."""

from dataclasses import asdict

from tracker.datasets import DatasetRow
from tunewise.domain.dataset import Provenance
from tunewise.domain.errors import StatusError
from tunewise.workflow.statements import required


def said_of(provenance: Provenance) -> Provenance:
    """Return what was said, without the blanks around it; refuse blanks alone."""
    said = asdict(provenance).items()
    return Provenance(**{k: required(k, v) if v else "" for k, v in said})


def refuse_other_words(known: DatasetRow, provenance: Provenance) -> None:
    """Refuse to redescribe the version that has this content already."""
    for key, said in asdict(provenance).items():
        if said and said != known.provenance.get(key, ""):
            there = known.provenance.get(key) or "unknown"
            raise StatusError(
                f"{known.id} has this content already, and its {key} is {there}\n"
                f"  Correct it: tunewise dataset describe {known.id} --{key} '{said}' "
                "--because '…'."
            )

"""Every error a user of tunewise can meet.

* TunewiseError ............ something the user can fix; the CLI prints it and exits 2
  + RuleFileError .......... a file under rules/ is not what the loader expects
  + FactError .............. an answer is missing, of the wrong type or out of range
  + DatasetError ........... a dataset file cannot be read, registered or split
  + SpecError .............. an experiment specification cannot be run as it stands
  + ModelError ............. a base model or adapter is missing, damaged or unsuitable
  + NotRecorded ............ no such decision, run or version in the tracker
  + StatusError ............ the record's status does not allow this step
    - Stale ................ somebody changed the record since it was read
  + EnvironmentProblem ..... disk, network, an extra or a lock stands in the way

Anything else that escapes is a bug and shows its traceback.

A message has up to three parts: where and what is wrong (with the value) on the
first line, what to do on the lines below.
"""


class TunewiseError(Exception):
    """Something the user can mend: printed without a traceback, exit status 2."""


class RuleFileError(TunewiseError):
    """A file of the rule set is not what the loader expects."""


class FactError(TunewiseError):
    """A fact is unknown to the dictionary, of the wrong type or out of range."""


class DatasetError(TunewiseError):
    """A dataset file cannot be read, registered, split or compared."""


class SpecError(TunewiseError):
    """An experiment specification cannot be run as it stands."""


class ModelError(TunewiseError):
    """A base model or adapter is missing, damaged or unsuitable."""


class NotRecorded(TunewiseError):
    """The tracker holds no such record; ``near`` names those of ``kind`` like it."""

    def __init__(
        self, message: str, *, kind: str = "", near: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.near = near


class StatusError(TunewiseError):
    """The status of a record does not allow the step that was asked for."""


class Stale(StatusError):
    """The record has changed since whoever acts on it has read it."""


class EnvironmentProblem(TunewiseError):
    """Disk space, the network, an extra or a lock stands in the way."""

"""What a person can act on.

    UserError                 the base: message (what happened), hint (what to do)
    ├── ModelFileError        the file cannot be used as a model
    ├── TemplateError         the model's chat template is broken or forbidden
    ├── PromptTooLongError    the prompt does not fit the context
    ├── OutOfMemoryError      no memory for the model or its context
    ├── RequestError          an option or a request that makes no sense
    ├── FileReadError         a file that a person named cannot be read
    │   ├── PasswordNeeded    it opens with a password only, and the one given was none or wrong
    │   └── ReadingStopped    somebody stopped the reading of it
    ├── EngineStoppedError    the engine's process ended unexpectedly
    ├── DisplayError          there is no display to open a window on
    ├── DiskFullError         there is no room to save something
    ├── SettingsError         the settings file cannot be read or written
    ├── LicenceError          a model's licence has not been accepted yet
    ├── HubError              a repository or a file on the hub cannot be had
    │   ├── NetworkError      no answer, or an error of the server: later it may work
    │   │   └── RateLimitError   the server asks to come back later
    │   ├── AccessError       a token is missing, wrong or not enough
    │   ├── NotFoundError     there is no such repository, revision or file
    │   ├── ChangedError      the file is another one than when its download began
    │   └── HashError         what arrived is not what was published
    └── StoreError            saved conversations cannot be read or changed
        ├── DamagedError      their file is damaged; opening the store again repairs it
        └── StoreBusyError    another program holds them; it goes by

Anything else that is raised is a bug and reaches the crash report.
"""

from __future__ import annotations

from typing import ClassVar

from app.language import mark

#: Message and hint for many times over what a context of a million tokens holds.
TOO_LONG = (mark("This is more text than the model can be given at once."), mark("Leave out documents."))


class UserError(Exception):
    """Something that a person can mend.

    Attributes:
        message: what happened, one plain sentence.
        hint: what to do about it, or an empty string.
        kind: the stable name that travels over the engine's protocol.
    """

    kind: ClassVar[str] = "user"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ModelFileError(UserError):
    """The file is missing, damaged, not a GGUF, or of an unknown architecture."""

    kind = "model_file"


class TemplateError(UserError):
    """The chat template is missing, broken, forbidden, or ran too long."""

    kind = "template"


class PromptTooLongError(UserError):
    """The prompt has more tokens than the context holds."""

    kind = "prompt_too_long"


class OutOfMemoryError(UserError):
    """There is no memory for the model, its context or its buffers."""

    kind = "out_of_memory"


class RequestError(UserError):
    """A request that cannot be carried out as it was made."""

    kind = "request"


class FileReadError(UserError):
    """A file that a person named cannot be read as text."""

    kind = "file_read"


class PasswordNeeded(FileReadError):  # noqa: N818 - a question more than an error
    """The document opens with a password only; `message` says whether one was given that is wrong."""

    kind = "password"


class ReadingStopped(FileReadError):  # noqa: N818
    """Somebody asked to stop the reading; nothing is wrong with the file."""

    kind = "reading_stopped"


class EngineStoppedError(UserError):
    """The engine's process ended before its work was done."""

    kind = "engine_stopped"


class DisplayError(UserError):
    """There is no display on which a window could open."""

    kind = "display"


class DiskFullError(UserError):
    """Something could not be saved because the disk is full or cannot be written."""

    kind = "disk_full"


class SettingsError(UserError):
    """The settings file cannot be used as it is, or cannot be written."""

    kind = "settings"


class LicenceError(UserError):
    """The licence of a model has to be accepted before it is fetched."""

    kind = "licence"


class HubError(UserError):
    """A repository or a file on the hub cannot be listed or fetched."""

    kind = "hub"


class NetworkError(HubError):
    """The server does not answer, or answers with an error of its own: trying again may help.

    Attributes:
        wait_s: after how many seconds the server wants to be asked again; None if it did not say.
    """

    kind = "network"

    def __init__(self, message: str, hint: str = "", wait_s: float | None = None) -> None:
        super().__init__(message, hint)
        self.wait_s = wait_s


class RateLimitError(NetworkError):
    """The server has had too many requests from here."""

    kind = "rate_limit"


class AccessError(HubError):
    """The token is missing, wrong, or does not open this repository."""

    kind = "access"


class NotFoundError(HubError):
    """The hub has no such repository, revision or file."""

    kind = "not_found"


class ChangedError(HubError):
    """The file on the hub is another one than when its download began."""

    kind = "changed"


class HashError(HubError):
    """A whole file arrived and its SHA-256 is not the published one."""

    kind = "hash"


class StoreError(UserError):
    """Saved conversations cannot be read or changed."""

    kind = "store"


class DamagedError(StoreError):
    """The file of saved conversations is damaged; opening the store again repairs it."""

    kind = "damaged"


class StoreBusyError(StoreError):
    """Another program holds the saved conversations for the moment."""

    kind = "store_busy"


_KINDS: dict[str, type[UserError]] = {
    cls.kind: cls
    for cls in (
        UserError,
        ModelFileError,
        TemplateError,
        PromptTooLongError,
        OutOfMemoryError,
        RequestError,
        FileReadError,
        PasswordNeeded,
        ReadingStopped,
        EngineStoppedError,
        DisplayError,
        DiskFullError,
        SettingsError,
        LicenceError,
        HubError,
        NetworkError,
        RateLimitError,
        AccessError,
        NotFoundError,
        ChangedError,
        HashError,
        StoreError,
        DamagedError,
        StoreBusyError,
    )
}


def from_kind(kind: str, message: str, hint: str = "") -> UserError:
    """The error that `kind` names on the wire; a plain UserError for an unknown kind."""
    return _KINDS.get(kind, UserError)(message, hint)

"""Repositories on the hub: what they hold, under which licence, and where each file is.

Every function blocks on the network: for worker threads only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard
from urllib.parse import urljoin

from huggingface_hub import HfApi, get_hf_file_metadata, get_session, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.hf_api import ModelInfo

from app.errors import HubError
from app.language import tr
from app.models.catalogue import HubReference
from app.models.licence import Licence
from app.models.listing import HubFile, Listing, choices_of
from app.models.names import checked_path, is_model
from app.models.session import STALL_S, HubSettings, check_status, headers, open_session, translated

_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying)(\.(md|txt))?", re.IGNORECASE)
_LONGEST_LICENCE = 1024 * 1024
_NAMED = 200


@dataclass(frozen=True)
class FileMetadata:
    """Where a file is right now; each value is None or empty where the server does not say it.

    Attributes:
        commit: of the repository; hubs and their mirrors always say it.
        location: the address of its bytes, perhaps on another host and for some minutes only.
        etag: of the linked file, else of the answer, without quotes.
        size: bytes.
    """

    commit: str
    location: str
    etag: str
    size: int | None


class Hub:
    """The hub as the settings reach it. Making one sets up the process's session anew. Any thread."""

    def __init__(self, settings: HubSettings) -> None:
        self.settings = settings
        open_session(settings)
        # An endless listing is cut by the session, an endless wait by its timeout.
        self._api = HfApi(
            endpoint=settings.endpoint, token=settings.token or False, headers=headers(settings)
        )

    @property
    def has_token(self) -> bool:
        """Whether requests carry a token."""
        return bool(self.settings.token)

    def list(self, reference: HubReference) -> Listing:
        """The models that a repository holds; raises HubError.

        Where the reference names a file or a quantization, only that is listed.
        """
        what = (
            tr("{repo} at {revision}", repo=reference.repo, revision=reference.revision)
            if reference.revision
            else reference.repo
        )
        with translated(what, token=self.has_token):
            try:
                info = self._api.model_info(
                    reference.repo, revision=reference.revision, files_metadata=True, timeout=STALL_S
                )
                listing = _listing(info)
            except HfHubHTTPError:
                raise
            except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
                raise _not_understood(what) from error
        return _chosen(listing, reference)

    def licence_text(self, listing: Listing) -> str:
        """The text of the licence, where the repository holds it, else an empty string; raises HubError."""
        path = listing.licence.path
        if not path:
            return ""
        with translated(path, token=self.has_token):
            answer = get_session().get(
                self.url(listing.repo, listing.revision, path), headers=headers(self.settings)
            )
            check_status(answer, path, token=self.has_token)
            return answer.content[:_LONGEST_LICENCE].decode("utf-8", "replace")

    def url(self, repo: str, revision: str, path: str) -> str:
        """The address of a file at the endpoint."""
        return hf_hub_url(repo, path, revision=revision, endpoint=self.settings.endpoint)

    def metadata(self, url: str, what: str) -> FileMetadata:
        """Ask where a file is and what it is now; raises HubError."""
        with translated(what, token=self.has_token):
            try:
                found = get_hf_file_metadata(
                    url,
                    token=self.settings.token or False,
                    headers=headers(self.settings),
                    timeout=STALL_S,
                    endpoint=self.settings.endpoint,
                )
            except HfHubHTTPError:
                raise
            except (KeyError, TypeError, ValueError) as error:
                raise _not_understood(what) from error
        return FileMetadata(
            found.commit_hash or "", urljoin(url, found.location or ""), found.etag or "", found.size
        )


def _not_understood(what: str) -> HubError:
    return HubError(
        tr("The answer about {what} cannot be understood.", what=what),
        tr("Is this really the hub? Some networks answer with a page of their own until you sign in."),
    )


def _listing(info: ModelInfo) -> Listing:
    """A listing out of the hub's answer, none of which is believed to be of the right type."""
    if not isinstance(info.id, str) or not isinstance(info.sha, str) or not _COMMIT.fullmatch(info.sha):
        raise ValueError("no id or no commit")
    if len(checked_path(info.id).parts) != 2:
        raise ValueError("an id that is not owner/name")
    files: list[HubFile] = []
    left_out: list[str] = []
    names: list[str] = []
    for sibling in info.siblings or ():
        name = sibling.rfilename
        if not isinstance(name, str):
            raise TypeError("a name that is no text")
        names.append(name)
        if not is_model(name):
            continue
        try:
            path = str(checked_path(name))
        except HubError as error:
            left_out.append(error.message)
            continue
        size, sha256 = (sibling.lfs.size, sibling.lfs.sha256) if sibling.lfs else (sibling.size, None)
        if _is_size(size) and isinstance(sha256, str) and _SHA256.fullmatch(sha256):
            files.append(HubFile(path, size, sha256))
        else:
            left_out.append(tr("{path} has no published SHA-256.", path=path))
    choices = choices_of(files, left_out)
    gated = bool(info.gated)
    return Listing(info.id, info.sha, _licence(info, names), gated, choices, tuple(left_out))


def _is_size(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53


def _licence(info: ModelInfo, names: Iterable[str]) -> Licence:
    """The licence that the card or the tags name."""
    card = info.card_data
    name, given, link = (
        _short(getattr(card, attribute, None)) for attribute in ("license", "license_name", "license_link")
    )
    if not name:
        tags = [tag for tag in info.tags or () if isinstance(tag, str) and tag.startswith("license:")]
        name = _short(tags[0].removeprefix("license:")) if tags else ""
    if name in ("", "other", "unknown"):
        name = given
    path = next((name for name in names if _LICENCE_FILE.fullmatch(name)), "")
    return Licence(name or f"repository:{info.id}", name, link if link.startswith("https://") else "", path)


def _short(value: object) -> str:
    """A value of a stranger's card as one short printable line."""
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, str):
        return ""
    return "".join(character for character in value if character.isprintable())[:_NAMED].strip()


def _chosen(listing: Listing, reference: HubReference) -> Listing:
    """Only what the reference names; raises HubError where the repository does not hold it."""
    choices = listing.choices
    if reference.path:
        choices = tuple(c for c in choices if any(file.path == reference.path for file in c.files))
    if reference.quantization and reference.quantization != "LATEST":
        choices = tuple(c for c in choices if c.quantization == reference.quantization)
    if not choices:
        wanted = reference.path or reference.quantization
        message = tr("{repo} holds no GGUF models.", repo=listing.repo)
        if wanted:
            message = tr("{repo} holds no {wanted}.", repo=listing.repo, wanted=wanted)
        hint = " ".join(listing.left_out[:3])
        hint = hint or tr("Repositories with models for this app end in -GGUF as a rule.")
        raise HubError(message, hint)
    return Listing(listing.repo, listing.revision, listing.licence, listing.gated, choices, listing.left_out)

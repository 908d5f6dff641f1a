"""Reads the header of a model on the hub, by ranges, before anything of it is downloaded.

Blocks on the network: for worker threads only.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from huggingface_hub import get_session

from app.errors import HubError
from app.language import tr
from app.models.chunks import ReadBytes
from app.models.gguf import ModelHeader, read_parts
from app.models.hub import Hub
from app.models.listing import Choice, HubFile, Listing
from app.models.session import check_status, headers, translated
from app.models.transfer import same_origin


def read_remote(hub: Hub, listing: Listing, choice: Choice) -> ModelHeader:
    """What the files of a choice say about their model; some megabytes are fetched.

    Raises HubError, and ModelFileError where they are not what they should be.
    """
    files = {PurePosixPath(file.path).name: file for file in choice.files}

    def opener(name: str) -> tuple[ReadBytes, int]:
        return _reader(hub, listing, files[name]), files[name].size

    return read_parts(list(files), opener)


def _reader(hub: Hub, listing: Listing, file: HubFile) -> ReadBytes:
    url = hub.url(listing.repo, listing.revision, file.path)
    location = ""

    def read(first: int, end: int) -> bytes:
        nonlocal location
        location = location or hub.metadata(url, file.path).location
        return _bytes(hub, file.path, (url, location), (first, min(end, file.size)))

    return read


def _bytes(hub: Hub, name: str, addresses: tuple[str, str], span: tuple[int, int]) -> bytes:
    """The bytes [first, end) of a file; raises HubError where the server does not send just them.

    `addresses` are the file's own at the endpoint, and where its bytes are right now.
    """
    (url, location), (first, end) = addresses, span
    if end <= first:
        return b""
    head = headers(hub.settings)
    head["range"] = f"bytes={first}-{end - 1}"
    if not same_origin(location, url):
        head.pop("authorization", None)
    with (
        translated(name, token=hub.has_token),
        get_session().stream("GET", location, headers=head) as answer,
    ):
        check_status(answer, name, token=hub.has_token)
        if answer.status_code != 206 and first:
            raise HubError(
                tr("The server does not send {name} in parts.", name=name),
                tr("It can be downloaded as a whole."),
            )
        found = bytearray()
        for chunk in answer.iter_raw():
            found += chunk
            if len(found) >= end - first:
                break
    return bytes(found[: end - first])

"""How the hub is reached. Apart from the session, which takes long to import."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.models.catalogue import DEFAULT_ENDPOINT


@dataclass(frozen=True)
class HubSettings:
    """How the hub is reached.

    Attributes:
        endpoint: the hub or a mirror of it, without a slash at the end.
        token: sent to the endpoint only; an empty string sends none, not even one that other programs saved.
        proxy: an address, or an empty string for what the environment says.
        offline: whether the network must not be used at all.
    """

    endpoint: str = DEFAULT_ENDPOINT
    token: str = field(default="", repr=False)
    proxy: str = ""
    offline: bool = False

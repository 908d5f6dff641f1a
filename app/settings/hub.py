"""The network's settings as the hub's session takes them."""

from __future__ import annotations

from app.models.catalogue import DEFAULT_ENDPOINT
from app.models.hub_settings import HubSettings
from app.settings.model import NetworkSettings


def hub_settings(network: NetworkSettings, token: str) -> HubSettings:
    """How the hub is reached; the token goes to the endpoint only."""
    return HubSettings(network.endpoint or DEFAULT_ENDPOINT, token, network.proxy, network.offline)

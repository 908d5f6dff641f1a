from __future__ import annotations

from app.models.catalogue import DEFAULT_ENDPOINT
from app.models.hub_settings import HubSettings
from app.models.session import open_session
from app.settings.hub import hub_settings
from app.settings.model import NetworkSettings


def test_the_hub_itself_where_no_mirror_is_named() -> None:
    assert hub_settings(NetworkSettings(), "") == HubSettings(DEFAULT_ENDPOINT)


def test_all_of_it_goes_over_and_the_token_is_not_shown() -> None:
    made = hub_settings(NetworkSettings("https://m.example", "http://p:1", True, True), "hf_secret")
    assert made == HubSettings("https://m.example", "hf_secret", "http://p:1", True)
    assert "hf_secret" not in repr(made)


def test_a_proxy_that_passed_the_check_is_one_for_the_session() -> None:
    open_session(hub_settings(NetworkSettings(proxy="http://me:word@proxy.example:8080"), ""))
    open_session(HubSettings())

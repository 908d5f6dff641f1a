"""What is said of a link's target."""

import pytest

from app.render.addresses import target


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("https://xn--mnchen-3ya.de/", "https://münchen.de/"),
        ("https://xn--fiqs8s.xn--fiqs8s/", "https://中国.中国/"),
        ("https://xn--e1afmkfd.xn--p1ai/", "https://пример.рф/"),
        ("https://xn--80ak6aa92e.com/", "https://xn--80ak6aa92e.com/"),  # Cyrillic that reads as Latin
        ("https://xn--pple-43d.com/", "https://xn--pple-43d.com/"),  # one Cyrillic letter in Latin
        ("https://xn--pple-9nc.com/", "https://xn--pple-9nc.com/"),  # a phonetic letter
        ("https://xn--a-ecp.ru/", "https://xn--a-ecp.ru/"),
        ("https://xn--99999999999.com/", "https://xn--99999999999.com/"),
        ("https://e.org/K%C3%B6ln%2Fa%20b%E2%80%AE%D7%A9", "https://e.org/Köln%2Fa%20b%E2%80%AE%D7%A9"),
        ("mailto:a@b.org", "mailto:a@b.org"),
        ("https://e.org/\u202e", "https://e.org/‹U+202E›"),
    ],
)
def test_addresses_show_letters_that_can_not_mislead(address: str, shown: str) -> None:
    assert target(address).address == shown
    assert not target(address).warning


@pytest.mark.parametrize(
    ("address", "text", "warning"),
    [
        ("https://bank.example@evil.example/x", "", "Goes to evil.example, not to bank.example"),
        ("https://bank.example%2F:x@evil.example/", "", "Goes to evil.example, not to bank.example/"),
        ("https://user:pass@host.example/", "", "Goes to host.example"),
        ("https://evil.example/", "https://bank.example/login", "Goes to evil.example, not to bank.example"),
        ("https://evil.example/", " Bank.com ", "Goes to evil.example, not to bank.com"),
        ("https://bank.com.evil.example/", "bank.com", "Goes to bank.com.evil.example, not to bank.com"),
        ("https://evilbank.com/", "bank.com", "Goes to evilbank.com, not to bank.com"),
        ("https://xn--80ak6aa92e.com/", "apple.com", "Goes to xn--80ak6aa92e.com, not to apple.com"),
        ("mailto:a@b.org?subject=x", "c@d.org", "Goes to a@b.org, not to c@d.org"),
        ("https://[::1/x", "", "Not a valid address"),
    ],
)
def test_what_says_one_thing_and_means_another_is_told(address: str, text: str, warning: str) -> None:
    assert target(address, text).warning == warning
    assert target(address, text).line.startswith(warning)


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("https://github.com/x", "README.md"),
        ("https://github.com/x", "main.py"),
        ("https://docs.example.org/3", "example.org"),
        ("https://www.example.org/", "https://example.org"),
        ("https://example.org/", "www.example.org"),
        ("https://xn--mnchen-3ya.de", "münchen.de"),
        ("https://example.org", "the e.g. of it"),
        ("mailto:a@b.org", "A@b.org"),
    ],
)
def test_honest_links_are_not_warned_of(address: str, text: str) -> None:
    assert not target(address, text).warning

"""Bare addresses, by the rules of GFM's extended autolinks and where these are left for the reader's sake."""

import pytest

from app.render.inline import parse_inline


def links(text: str) -> list[tuple[str, str]]:
    return [(span.text, span.href) for span in parse_inline(text) if span.href]


def same(*addresses: str) -> list[tuple[str, str]]:
    return [(address, address) for address in addresses]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("www.example.org", [("www.example.org", "http://www.example.org")]),
        ("Visit www.example.org/help for more", [("www.example.org/help", "http://www.example.org/help")]),
        ("(www.example.org)", [("www.example.org", "http://www.example.org")]),
        ("WWW.example.org", [("WWW.example.org", "http://WWW.example.org")]),
        ("https://example.org/a_b_c/*x*", same("https://example.org/a_b_c/*x")),
        ("**https://example.org/a**", same("https://example.org/a")),
        ("*see https://example.org*", same("https://example.org")),
        ("https://example.org/a(b)c", same("https://example.org/a(b)c")),
        ("(https://example.org/a(b))", same("https://example.org/a(b)")),
        ("(see https://example.org/a).", same("https://example.org/a")),
        ("[see https://example.org/a]", same("https://example.org/a")),
        ("https://example.org/?q=1&hl;", same("https://example.org/?q=1")),
        ("https://example.org/?q=1&hl=en", same("https://example.org/?q=1&hl=en")),
        ("http://localhost:8080/x, and", same("http://localhost:8080/x")),
        ('<a href="https://example.org/x">', same("https://example.org/x")),
        ("https://example.org<br>", same("https://example.org")),
        (
            "见https://example.org/路径。然后",
            [("https://example.org/路径", "https://example.org/%E8%B7%AF%E5%BE%84")],
        ),
        ("http://a.b and http://c.d!", same("http://a.b", "http://c.d")),
        ("me_too@example.org", [("me_too@example.org", "mailto:me_too@example.org")]),
        ("to a.b-c_d@a.b.", [("a.b-c_d@a.b", "mailto:a.b-c_d@a.b")]),
        ("mailto:a@b.org now", [("mailto:a@b.org", "mailto:a@b.org")]),
        ("*a@b.org*, c@d.org", [("a@b.org", "mailto:a@b.org"), ("c@d.org", "mailto:c@d.org")]),
        ("[a@b.org](https://x.y)", [("a@b.org", "https://x.y")]),
        ("[https://a.b](https://x.y)", [("https://a.b", "https://x.y")]),
        ("<https://a.b/c>", same("https://a.b/c")),
    ],
)
def test_links(text: str, expected: list[tuple[str, str]]) -> None:
    assert links(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "main.py", "example.org", "node.js and a.b-c_d@a.b-", "a.b-c_d@a.b_", "a@b", "@b.org", "a@.org", "http://",
        "https://a_b", "www", "www.", "awww.example.org", "xhttps://example.org", "ftp://example.org",
        "https://a.b_c.d_e", "`https://a.b`", "$x@y.z$", "javascript://a.b/%0aalert(1)", "file://host/share",
        "//host/share", "\\\\host\\share",
    ],
)  # fmt: skip
def test_no_links(text: str) -> None:
    assert links(text) == []
    assert "".join(span.text for span in parse_inline(text)).replace("`", "") == text.replace(
        "`", ""
    ).replace("\\\\", "\\")


@pytest.mark.parametrize(
    "part", ["@", "a@", "www.", "http://", "https://a.b", "a@b.c ", "(www.a.b", "&a;", ")"]
)
def test_many_of_them_cost_no_more_than_their_length(part: str) -> None:
    text = "https://a.b/" + part * (6000 // len(part))
    spans = parse_inline(text)
    assert "".join(span.text for span in spans) == text

"""Hostile and broken chat templates through the real template process."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime

import psutil
import pytest

from app import wire
from app.engine.template import CHATML, TEMPLATE_MESSAGES, Render
from app.engine.template_client import HINT, TemplateRenderer
from app.errors import RequestError, TemplateError
from app.paths import self_command
from tests.engine.support import wait_gone

#: The issue asks for two seconds; a busy test machine gets ten times that.
LIMIT_S = 2.0 * 10

MESSAGES = {"messages": [{"role": "user", "content": "Hello"}], "add_generation_prompt": True}


@pytest.fixture(scope="module")
def renderer() -> Iterator[TemplateRenderer]:
    made = TemplateRenderer()
    made.start()
    yield made
    made.close()


@pytest.fixture
def own_renderer() -> Iterator[TemplateRenderer]:
    made = TemplateRenderer()
    yield made
    made.close()


def pid_of(renderer: TemplateRenderer) -> int:
    assert renderer._process is not None
    return renderer._process.pid


FORBIDDEN = {
    "class": "{{ ''.__class__ }}",
    "mro": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "subscript": "{{ ''['__class__'] }}",
    "globals of cycler": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "globals of lipsum": "{{ lipsum.__globals__['os'].system('id') }}",
    "globals of a filter": "{{ strftime_now.__globals__ }}",
    "the error function": "{{ raise_exception.__globals__.json }}",
    "attr filter": "{{ (''|attr('__class__')).__mro__ }}",
    "attr filter in parts": "{{ (''|attr('__cl' ~ 'ass__')).__name__ }}",
    "map attribute": "{{ ([''] | map(attribute='__class__') | list)[0].__mro__ }}",
    "sum attribute": "{{ ([''] | map(attribute='__class__.__mro__') | list)[0][0] }}",
    "format": "{{ '{0.__class__.__mro__}'.format('') }}",
    "format as a value": "{% set f = '{0.__class__}'.format %}{{ f('') }}",
    "format_map": "{{ '{a.__class__}'.format_map({'a': ''}) }}",
    "attr of format": "{{ ('{0.__class__}' | attr('format'))('') }}",
    "self": "{{ self.__init__.__globals__ }}",
    "self block": "{{ self._TemplateReference__context.environment }}",
    "namespace": "{{ namespace.__init__.__globals__ }}",
    "a generator": "{{ (messages | map('upper')).gi_frame.f_globals }}",
    "a macro": "{% macro m() %}{% endmacro %}{{ m._func.__code__ }}",
    "caller": "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}x{% endcall %}",
    "change a list": "{% do messages.insert(0, {}) %}",
    "change a mapping": "{% do messages[0].update({'role': 'x'}) %}",
    "clear": "{% do messages.clear() %}",
}


@pytest.mark.parametrize("source", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_forbidden_attributes_never_yield_anything(source: str, renderer: TemplateRenderer) -> None:
    # Some ways only give an undefined value, which prints as nothing.
    text = ""
    with contextlib.suppress(TemplateError):
        (text,) = renderer.render(source, MESSAGES)
    assert text == ""


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{ ''.__class__.__mro__ }}", "tries what it may not: .*__class__"),
        ("{% if %}", r"is broken at line 1: Expected an expression"),
        ("\n\n{% for x in y %}", r"is broken at line 3: Unexpected end of template"),
        ("{{ raise_exception('no system role') }}", "refuses this conversation: no system role"),
        ("{{ nothing.at.all }}", r"failed: 'nothing' is undefined"),
        ("{{ 1 / 0 }}", r"failed: division by zero"),
        ("{{ range(10 ** 9) | list }}", r"failed: Range too big"),
        ("{{ 'x' | no_such_filter }}", r"is broken at line 1: No filter named"),
        ("{% include 'other' %}", r"failed: no loader|failed"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", r"failed: maximum recursion"),
        ("{{ '%c' % -1 }}", "failed"),
        ("{{ messages[0].content | tojson(separators=1) }}", "failed"),
    ],
)
def test_a_broken_template_says_what_is_wrong(source: str, words: str, renderer: TemplateRenderer) -> None:
    started = time.monotonic()
    with pytest.raises(TemplateError, match=words) as caught:
        renderer.render(source, MESSAGES)
    assert caught.value.hint == HINT
    assert time.monotonic() - started < LIMIT_S


PRODUCT = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
DOUBLING = "{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}"
HOSTILE = {
    "endless loop": PRODUCT,
    "endless loop that writes": PRODUCT.replace("{% endfor %}", "xxxxxxxx{% endfor %}", 1),
    "macros that fork": "{% macro m(n) %}{% if n %}{{ m(n-1) ~ m(n-1) }}{% endif %}{% endmacro %}{{ m(90) }}",
    "doubling string": DOUBLING,
    "doubling list": DOUBLING.replace("'x'", "[1]").replace("~", "+"),
    "multiplied string": "{{ 'x' * 999999999999 }}",
    "huge output": "{% for i in range(99999) %}{{ 'x' * 99999 }}{% endfor %}",
    "huge number": "{{ 9 ** (9 ** 9) }}",
    "huge number in C": "{% set n = 7 ** 9999999 %}{{ n % 10 }}{{ n * n * n * n % 7 }}{{ (n ** 99) % 3 }}",
    "number to text": "{{ (10 ** 4000) | string * 9999999 }}",
    "wide format": "{{ '%9999999999d' % 1 }}",
    "wide format method": "{{ '{:9999999999}'.format(1) }}",
    "lorem ipsum": "{{ lipsum(n=99999) }}",
    "sorting": "{{ (range(99999) | list * 999) | sort | length }}",
    "padding": "{{ 'x' | center(99999999999) }}",
    "indenting": "{{ ('x\\n' * 9999999) | indent(99999) }}",
    "wrapping": "{{ ('x ' * 99999999) | wordwrap(1) }}",
    "a slow compile": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "folded while compiling": "{{ " + "'x' * 9999 * 9999 * 9999" + " }}",
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_template_is_told_in_time_and_the_next_one_is_rendered(
    source: str, own_renderer: TemplateRenderer
) -> None:
    own_renderer.render("warm", {})
    started = time.monotonic()
    with pytest.raises(TemplateError) as caught:
        own_renderer.render(source, MESSAGES)
    took = time.monotonic() - started
    print(f"{took:.2f} s: {caught.value.message[:120]}")
    assert took < LIMIT_S
    assert caught.value.message.startswith("The model's chat template")
    assert caught.value.hint == HINT
    assert own_renderer.render(CHATML, MESSAGES) == (
        "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n",
    )


def test_a_late_process_is_killed_and_replaced(own_renderer: TemplateRenderer) -> None:
    own_renderer.render("warm", {})
    first = psutil.Process(pid_of(own_renderer))
    with pytest.raises(TemplateError, match="runs without end"):
        own_renderer.render(PRODUCT, {})
    assert not wait_gone([first], 10)
    assert pid_of(own_renderer) != first.pid
    assert own_renderer.render("fine", {}) == ("fine",)


def test_a_process_that_was_killed_is_an_error_and_then_replaced(own_renderer: TemplateRenderer) -> None:
    own_renderer.render("warm", {})
    process = psutil.Process(pid_of(own_renderer))
    process.suspend()
    # Killed while it is asked: a stopped process cannot answer before.
    own_renderer._send(Render(99, "x", ({},)))
    process.kill()
    with pytest.raises(TemplateError, match="ended the process"):
        own_renderer._receive(99, 10)
    assert own_renderer.render("fine", {}) == ("fine",)


def test_a_rendering_without_end_does_not_outlive_its_owner() -> None:
    """The end of its input ends it, in the middle of a loop, too."""
    process = subprocess.Popen(
        self_command("template-process"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        process.stdin.write(TEMPLATE_MESSAGES.encode(Render(1, "x", ({},))))
        process.stdin.write(TEMPLATE_MESSAGES.encode(Render(2, PRODUCT, ({},))))
        process.stdin.flush()
        assert TEMPLATE_MESSAGES.read(process.stdout) is not None
        process.stdin.close()
        process.wait(10)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ {'a': '<é\"', 'b': [1, none, true]} | tojson }}", '{"a": "<é\\"", "b": [1, null, true]}'),
        ("{{ {'b': 1, 'a': 2} | tojson(indent=2) }}", '{\n  "b": 1,\n  "a": 2\n}'),
        ("{{ {'b': 1, 'a': 2} | tojson(sort_keys=true, separators=(',', ':')) }}", '{"a":2,"b":1}'),
        ("{{ 'é' | tojson(ensure_ascii=true) }}", '"\\u00e9"'),
        ("{% for i in range(9) %}{% if i == 1 %}{% continue %}{% endif %}"
         "{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", "02"),
        ("a{% generation %}b{{ messages[0].role }}{% endgeneration %}c", "abuserc"),
        ("{% set x = [] %}{% do x.append('a') %}{% set _ = x.append('b') %}{{ x | join }}", "ab"),
        ("{% set ns = namespace(a=1) %}{% set ns.a = 2 %}{{ ns.a }}", "2"),
        ("  {% if true %}\nx\n  {% endif %}\n", "x\n"),
        ("{{ messages | map(attribute='role') | join(',') }}", "user"),
        ("{{ missing }}|{{ missing is defined }}|{{ missing or 'x' }}", "|False|x"),
        ("{{ 'a b'.split(' ')[1] ~ 'x'.strip() ~ 'xyz'[::-1] }}", "bxzyx"),
    ],
)  # fmt: skip
def test_what_templates_use_works(source: str, expected: str, renderer: TemplateRenderer) -> None:
    assert renderer.render(source, MESSAGES) == (expected,)


def test_today(renderer: TemplateRenderer) -> None:
    before = datetime.now()
    (text,) = renderer.render("{{ strftime_now('%d %b %Y') }}", {})
    assert text in {moment.strftime("%d %b %Y") for moment in (before, datetime.now())}


def test_several_sets_of_variables_in_one_go(renderer: TemplateRenderer) -> None:
    assert renderer.render("{{ x }}", {"x": 1}, {"x": "\U0001f600\ue000"}) == ("1", "\U0001f600\ue000")


def test_a_long_document_is_given_time(renderer: TemplateRenderer) -> None:
    text = "word " * 1_000_000
    (rendered,) = renderer.render("{{ messages[0].content }}", {"messages": [{"content": text}]})
    assert rendered == text


def test_what_is_too_long_to_be_sent_is_told_and_the_next_one_is_rendered(
    own_renderer: TemplateRenderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = {"text": "x" * 20_000}
    with monkeypatch.context() as patch:
        patch.setattr(wire, "MAX_LONG_BYTES", 10_000)
        with pytest.raises(RequestError, match="more text than the model can be given"):
            own_renderer.render("{{ text }}", long)
    assert own_renderer.render("{{ text }}", long) == (long["text"],)


def test_a_template_cannot_reach_the_pipe_or_the_disk(renderer: TemplateRenderer) -> None:
    """Nothing that reads, writes or imports is a global."""
    names = [
        "open",
        "print",
        "exec",
        "eval",
        "__import__",
        "import",
        "os",
        "sys",
        "input",
        "compile",
        "globals",
        "getattr",
        "type",
    ]
    source = "".join(f"{{{{ {name} is defined }}}}," for name in names)
    assert set(re.split(",", renderer.render(source, {})[0])[:-1]) == {"False"}

"""Markdown texts that streams are chopped from."""

RICH = """\
# Title

Some *text* with `code`, a [link](https://example.com) and ~~gone~~.
Second line.

1. First step:

   ```python
   def f(x):
       return x

   ```

   More text.
2. Second
   - nested
     - deeper

       para in deeper
   - sibling
1. Third (counts 3)

> Quote
> more
lazy
> - list in quote
>
>   ```
>   code in quote
>   ```

| a | b |
|:--|--:|
| 1 | `x\\|y` |
| 2 |

Setext
======

***

    indented

    more

- [ ] todo
- [x] done

~~~rust
fn main() {}
~~~

Last words, 100 % done\r
after a Windows line end\rand an old Mac one.
- a
-
- c

```
never closed
"""

FRAGMENTS = """- a
  - b
1. one
2. two
   para

> q
> - ql
>
text here
```py
x = 1
```
   ```js
   y
   ```
---
===
# h

    code
\ttab
- [ ] t
   - deep
     more
10) x
* s
-
1.
~~~
  text
      six
![i](u)
 > z
***
[r]: h
| a | b |
|---|---|
| 1 | 2 |
a | b
--- | ---""".splitlines()


def numbered(template: str, count: int) -> str:
    """`count` lines of a template with {} in it."""
    return "\n".join(template.format(i) for i in range(count))


HUGE = {
    "paragraph of one line": "many words go by " * 1500 + "\nand a last line",
    "paragraph without spaces": "x" * 20_000 + "\n" + "y" * 9000,
    "paragraph of many lines": numbered("line {} with a few words in it", 400),
    "paragraph that ends as a heading": numbered("line {} with a few words in it", 400) + "\n---\n\nafter",
    "paragraph that ends in a table": numbered("line {} with some words", 200) + "\na | b\n---|---\n1 | 2",
    "fence": "```py\n" + numbered("line {}", 500) + "\n```\nafter",
    "fence with one endless line": "```\n" + "z z" * 9000 + "\n```\n",
    "fence in a list": "1. a\n\n   ```py\n" + numbered("   line {}", 300) + "\n   ```\n   after\n2. b",
    "fence in a quote": "> - ```py\n" + numbered(">   line {}", 300) + "\n>   ```\n>   after\n2. b",
    "table": "a|b\n-|-\n" + numbered("{} | x", 200) + "\n\nafter",
    "table in a quote": "> a|b\n> -|-\n" + numbered("> {} | x", 200) + "\n\nafter",
    "paragraph in a list": "- " + numbered("para {} is long", 600).replace("\n", "\n  ") + "\n- b",
    "paragraph in a quote": numbered("> para {} is long", 600) + "\nlazy\n- b",
    "indented code": numbered("    code {}\n\n", 200),
    "long list": numbered("{}. an item\n   - with one below", 300),
}

MATHS = r"""We have $x_1*y$ and
\[
x
= 1
+ 2 \\[2pt]
- 3
\].
So $5 and $10 are \$ and

1. Step:
   $$
   a | b
   - c
   $$
   more \(z\)
2. $$ y $$
- \[ never

> \begin{align*}
> a &= b \\
> # &= c
> \end{align*}
lazy
> $$
> open

| $|a|$ | b |
|---|---|
| $x|y$ | `$|` |

text
\[ x \] behind
$$
one

two
$$

```
\[
code
\]
```
$$
a
$$
$$ $$
\begin{cases} 1 \end{cases},
\begin{nonsense}
x
\end{nonsense}
- a
\[
lazy b
- c
\]
| t | u |
|---|---|
| 1 | 2 |
\[
t = 1
\]
  ===
$$ last
"""

MATH_FRAGMENTS = r"""\[
\]
$$
$$ x
x $$
\[ x \]
\[ x \], y
\begin{align}
\end{align}
\end{align}.
a &= b \\
= c
+ d
   \[
   \]
> \[
> x
> \]
> $$
   $$
$a|b$ | c
| $|x|$ | d |
\\[
\begin{other}
    $$
---""".splitlines()

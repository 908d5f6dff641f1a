"""Conversations to export."""

from __future__ import annotations

from app.chat.conversation import Conversation
from app.chat.parts import AnswerInfo, AttachmentPart, Message, ReasoningPart, TextPart

CODE = '''def f(x):
    """Two
    lines"""
    if x < 1 and x > -1:
        return "<b>&amp;</b>"  # comment'''

ANSWER = rf"""# Result

A paragraph with **bold**, *italic*, ~~gone~~, `code <b>`, <script>alert(1)</script> and
[a link](https://example.org/?a=1&b=2) & $x^2 + \frac{{1}}{{2}}$ and \(\alpha_i\). It costs $5 or $10.

[ref]: http://example.org/hidden

1. first
   - nested *one*
   - nested two
2. second
   ```python
{chr(10).join("   " + line if line else "" for line in CODE.split(chr(10)))}
   ```
3. third

> A quote
> > deeper

- [ ] to do
- [x] done

| Name | Value |
|:-----|------:|
| a    | $\sqrt{{2}}$ |
| b    | 22 |

$$
\int_0^\infty e^{{-x^2}}\,dx = \frac{{\sqrt{{\pi}}}}{{2}}
$$

Broken $\unknowncmd{{x$ stays. 日本語のテキスト

```html
<img src=x onerror=alert(1)>
```
"""

TYPED = """What is *this* & <that>?
#include <stdio.h>

    indented
1. one $x^2$
```c
int a[3];
```
end_of_it"""


def told() -> Conversation:
    """A question with a document, an answer with a thought, and one that was cut off inside of a fence."""
    made = Conversation(title="Export <test> & *more*", titled=True, id="c" * 32)
    document = AttachmentPart("notes & more.pdf", "Text of\n```\nthe document", "pdf", 3)
    made.add(Message("1" * 32, "user", (document, TextPart(TYPED)), created=1000.0), None)
    thought = ReasoningPart("Let me **think** of $y_1$.", 12.3, 40)
    info = AnswerInfo("Some-Model", "Q4_K_M", "thinking", 100, 20.0)
    made.add(Message("2" * 32, "assistant", (thought, TextPart(ANSWER)), created=1001.0, info=info), "1" * 32)
    made.add(Message("3" * 32, "user", (TextPart("Secret, deleted"),), deleted=True), "2" * 32)
    made.add(Message("4" * 32, "user", (TextPart("More"),), created=1002.0), "3" * 32)
    cut = TextPart("Open:\n\n```python\nprint(1)\n")
    made.add(Message("5" * 32, "assistant", (cut,), "cancelled", 1003.0), "4" * 32)
    made.add(Message("6" * 32, "user", (TextPart("Behind it"),), created=1004.0), "5" * 32)
    return made

"""What LaTeX's names of symbols mean: a character and the class that decides the space around it.

The classes are TeX's: ord, op, bin, rel, open, close, punct, inner (The TeXbook, chapter 17).
"""

from __future__ import annotations

from typing import Final

_ORD = """
alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ
varkappa ϰ lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ
phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ
Psi Ψ Omega Ω
infty ∞ partial ∂ nabla ∇ hbar ℏ ell ℓ wp ℘ Re ℜ Im ℑ aleph ℵ beth ℶ imath ı jmath ȷ emptyset ∅ varnothing ∅
forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ top ⊤ bot ⊥ angle ∠ measuredangle ∡ sphericalangle ∢ triangle △
square □ Box □ blacksquare ■ Diamond ◇ lozenge ◊ bigstar ★ clubsuit ♣ diamondsuit ♢ heartsuit ♡ spadesuit ♠
prime ′ backprime ‵ degree ° flat ♭ natural ♮ sharp ♯ surd √ checkmark ✓ dagger † ddagger ‡ S § P ¶
complement ∁ hslash ℏ eth ð mho ℧ Finv Ⅎ blacktriangle ▲ triangledown ▽ diamond ⋄ yen ¥ pounds £ copyright ©
vert | Vert ‖ backslash \\ lbrack [ rbrack ] # # % % & & _ _ $ $
"""
_OP = """
sum ∑ prod ∏ coprod ∐ bigcup ⋃ bigcap ⋂ bigsqcup ⨆ bigvee ⋁ bigwedge ⋀ bigoplus ⨁ bigotimes ⨂ bigodot ⨀
biguplus ⨄ int ∫ iint ∬ iiint ∭ oint ∮ oiint ∯
"""
_BIN = """
pm ± mp ∓ times × div ÷ cdot ⋅ ast ∗ star ⋆ circ ∘ bullet ∙ cap ∩ cup ∪ uplus ⊎ sqcap ⊓ sqcup ⊔ vee ∨ lor ∨
wedge ∧ land ∧ setminus \\ smallsetminus ∖ wr ≀ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ bigcirc ◯ amalg ⨿
bigtriangleup △ bigtriangledown ▽ triangleleft ◁ triangleright ▷ ltimes ⋉ rtimes ⋊ boxplus ⊞ boxminus ⊟
boxtimes ⊠ boxdot ⊡ dotplus ∔ centerdot ⋅ barwedge ⊼ veebar ⊻ curlyvee ⋎ curlywedge ⋏ circledast ⊛ intercal ⊺
"""
_REL = """
lt < gt > le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ equiv ≡ sim ∼ simeq ≃ approx ≈ cong ≅ propto ∝ asymp ≍
doteq ≐ leqslant ⩽ geqslant ⩾ ll ≪ gg ≫ lll ⋘ ggg ⋙ prec ≺ succ ≻ preceq ⪯ succeq ⪰ subset ⊂ supset ⊃
subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ subseteqq ⫅ sqsubset ⊏ sqsupset ⊐ sqsubseteq ⊑
sqsupseteq ⊒ in ∈ ni ∋ owns ∋ notin ∉ mid ∣ nmid ∤ divides ∣ parallel ∥ nparallel ∦ perp ⟂ vdash ⊢
dashv ⊣ models ⊨ vDash ⊨ Vdash ⊩ bowtie ⋈ smile ⌣ frown ⌢ lesssim ≲ gtrsim ≳ lessgtr ≶ gtrless ≷
lessapprox ⪅ gtrapprox ⪆ nless ≮ ngtr ≯ nleq ≰ ngeq ≱ nsubseteq ⊈ nsupseteq ⊉ nsim ≁ ncong ≇ napprox ≉
approxeq ≊ thicksim ∼ backsim ∽ eqsim ≂ coloneqq ≔ coloneq ≔ eqqcolon ≕ triangleq ≜ circeq ≗ leqq ≦
geqq ≧ lneq ⪇ gneq ⪈ lneqq ≨ gneqq ≩ trianglelefteq ⊴ trianglerighteq ⊵ vartriangleleft ⊲
vartriangleright ⊳ therefore ∴ because ∵ pitchfork ⋔ between ≬ preccurlyeq ≼ succcurlyeq ≽ to →
rightarrow → leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ mapsto ↦
longrightarrow ⟶ longleftarrow ⟵ longleftrightarrow ⟷ Longrightarrow ⟹ Longleftarrow ⟸
Longleftrightarrow ⟺ implies ⟹ impliedby ⟸ iff ⟺ longmapsto ⟼ hookrightarrow ↪ hookleftarrow ↩ uparrow ↑
downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ Updownarrow ⇕ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖
rightharpoonup ⇀ rightharpoondown ⇁ leftharpoonup ↼ leftharpoondown ↽ rightleftharpoons ⇌
leftrightharpoons ⇋ twoheadrightarrow ↠ rightrightarrows ⇉ leftrightarrows ⇆ rightleftarrows ⇄
nrightarrow ↛ nleftarrow ↚ nRightarrow ⇏ nLeftarrow ⇍ nLeftrightarrow ⇎ rightsquigarrow ⇝ leadsto ⇝
curvearrowright ↷ circlearrowleft ↺ circlearrowright ↻ upharpoonright ↾ restriction ↾ rightarrowtail ↣
dashrightarrow ⇢
"""
_OPEN = "lbrace { { { langle ⟨ lfloor ⌊ lceil ⌈ lvert | lVert ‖ lgroup ⟮ llbracket ⟦ ulcorner ⌜"
_CLOSE = "rbrace } } } rangle ⟩ rfloor ⌋ rceil ⌉ rvert | rVert ‖ rgroup ⟯ rrbracket ⟧ urcorner ⌝"
_PUNCT = "colon :"
_INNER = "dots … ldots … cdots ⋯ dotsc … dotsb ⋯ dotsm ⋯ dotsi ⋯ dotso … vdots ⋮ ddots ⋱ iddots ⋰"


def words(text: str) -> list[str]:
    """The words of a table."""
    return text.split()


def _table() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for kind, text in (
        ("ord", _ORD), ("op", _OP), ("bin", _BIN), ("rel", _REL), ("open", _OPEN), ("close", _CLOSE),
        ("punct", _PUNCT), ("inner", _INNER),
    ):  # fmt: skip
        words = text.split()
        for name, char in zip(words[::2], words[1::2], strict=True):
            found["\\" + name] = (char, kind)
    found["\\|"] = ("‖", "ord")
    return found


#: Command to (character, class).
SYMBOLS: Final = _table()

#: Characters that stand for themselves with another class than ord, and how they look in mathematics.
CHARACTERS: Final = {
    "+": ("+", "bin"), "-": ("−", "bin"), "*": ("∗", "bin"), "=": ("=", "rel"), "<": ("<", "rel"),
    ">": (">", "rel"), ":": (":", "rel"), ",": (",", "punct"), ";": (";", "punct"), "(": ("(", "open"),
    "[": ("[", "open"), ")": (")", "close"), "]": ("]", "close"), "!": ("!", "close"), "?": ("?", "close"),
    "`": ("‘", "ord"), "~": (" ", "ord"), "−": ("−", "bin"), "·": ("⋅", "bin"),
    **{char: (char, kind) for char, kind in SYMBOLS.values() if not char.isascii() and char not in "△▽◇"},
}  # fmt: skip

#: Operators whose limits stand beside them in any style.
INTEGRALS: Final = frozenset("∫∬∭∮∯")

#: Names that are set upright; True: their limits go below in display style.
OPERATORS: Final = {
    "\\" + name: (name, False)
    for name in words(
        "arccos arcsin arctan arg cos cosh cot coth csc deg dim exp hom ker lg ln log sec sin sinh tan tanh "
        "sgn ord tr rank Tr cov lcm Var Cov diag arccot arcsec arccsc sech csch"
    )
} | {
    **{"\\" + name: (name, True) for name in words("det gcd inf lim max min Pr sup")},
    "\\limsup": ("lim sup", True),
    "\\liminf": ("lim inf", True),
    "\\varlimsup": ("lim sup", True),
    "\\varliminf": ("lim inf", True),
    "\\injlim": ("inj lim", True),
    "\\projlim": ("proj lim", True),
    "\\argmax": ("arg max", True),
    "\\argmin": ("arg min", True),
}

#: Spaces in em.
SPACES: Final = {
    "\\,": 3 / 18, "\\thinspace": 3 / 18, "\\:": 4 / 18, "\\>": 4 / 18, "\\medspace": 4 / 18, "\\;": 5 / 18,
    "\\thickspace": 5 / 18, "\\!": -3 / 18, "\\negthinspace": -3 / 18, "\\negmedspace": -4 / 18,
    "\\negthickspace": -5 / 18, "\\quad": 1.0, "\\qquad": 2.0, "\\enspace": 0.5, "\\ ": 0.25, "\\space": 0.25,
    "~": 0.25, "\\nobreakspace": 0.25, "\\enskip": 0.5, "\\hfill": 0.0, "\\allowbreak": 0.0, "\\-": 0.0,
    "\\relax": 0.0, "\\null": 0.0, "\\/": 0.0,
}  # fmt: skip

#: Accent to its combining character; the wide ones grow with what they stand over.
ACCENTS: Final = {
    "\\hat": "\u0302", "\\check": "\u030c", "\\tilde": "\u0303", "\\acute": "\u0301", "\\grave": "\u0300",
    "\\dot": "\u0307", "\\ddot": "\u0308", "\\dddot": "\u20db", "\\breve": "\u0306", "\\bar": "\u0304",
    "\\vec": "\u20d7", "\\mathring": "\u030a",
}  # fmt: skip
WIDE_ACCENTS: Final = {"\\widehat": "\u0302", "\\widetilde": "\u0303", "\\widecheck": "\u030c"}

#: What is stretched over or under: (character, below).
STRETCHED: Final = {
    "\\overbrace": ("⏞", False), "\\underbrace": ("⏟", True), "\\overrightarrow": ("→", False),
    "\\overleftarrow": ("←", False), "\\overleftrightarrow": ("↔", False), "\\underrightarrow": ("→", True),
    "\\underleftarrow": ("←", True), "\\overbracket": ("⎴", False), "\\underbracket": ("⎵", True),
    "\\overparen": ("⏜", False), "\\overarc": ("⏜", False), "\\wideparen": ("⏜", False),
}  # fmt: skip

#: Arrows that grow with the text on them.
ARROWS: Final = {
    "\\xrightarrow": "→", "\\xleftarrow": "←", "\\xleftrightarrow": "↔", "\\xRightarrow": "⇒",
    "\\xLeftarrow": "⇐", "\\xLeftrightarrow": "⇔", "\\xmapsto": "↦", "\\xhookrightarrow": "↪",
    "\\xhookleftarrow": "↩", "\\xrightleftharpoons": "⇌", "\\xlongequal": "=",
}  # fmt: skip

#: What a stroke through a relation makes of it.
NEGATED: Final = {
    "=": "≠", "<": "≮", ">": "≯", "∈": "∉", "∋": "∌", "⊂": "⊄", "⊃": "⊅", "⊆": "⊈", "⊇": "⊉", "≡": "≢",
    "∼": "≁", "≃": "≄", "≅": "≇", "≈": "≉", "≤": "≰", "≥": "≱", "∣": "∤", "∥": "∦", "→": "↛", "←": "↚",
    "⇒": "⇏", "⇔": "⇎", "∃": "∄", "≺": "⊀", "≻": "⊁", "⊢": "⊬", "⊨": "⊭", "|": "∤", "⟹": "⇏", "⟺": "⇎",
}  # fmt: skip

#: Delimiters that grow, by what stands behind \left or \big.
DELIMITERS: Final = {
    "(": "(", ")": ")", "[": "[", "]": "]", "|": "|", "/": "/", ".": "", "<": "⟨", ">": "⟩",
    **{
        "\\" + name: char
        for name, char in zip(
            words(
                "{ } lbrace rbrace langle rangle lfloor rfloor lceil rceil vert lvert rvert | Vert lVert "
                "rVert backslash uparrow downarrow updownarrow Uparrow Downarrow lbrack rbrack lgroup rgroup "
                "llbracket rrbracket"
            ),
            words("{ } { } ⟨ ⟩ ⌊ ⌋ ⌈ ⌉ | | | ‖ ‖ ‖ ‖ \\ ↑ ↓ ↕ ⇑ ⇓ [ ] ⟮ ⟯ ⟦ ⟧"),
            strict=True,
        )
    },
}  # fmt: skip
BIG: Final = {"\\big": 1.2, "\\Big": 1.8, "\\bigg": 2.4, "\\Bigg": 3.0}

_BLOCKS: Final = {  # capital A, small a, capital Alpha, small alpha, 0; 0 where there is none
    "italic": (0x1D434, 0x1D44E, 0x1D6E2, 0x1D6FC, 0),
    "bold": (0x1D400, 0x1D41A, 0x1D6A8, 0x1D6C2, 0x1D7CE),
    "bolditalic": (0x1D468, 0x1D482, 0x1D71C, 0x1D736, 0x1D7CE),
    "script": (0x1D49C, 0x1D4B6, 0, 0, 0),
    "fraktur": (0x1D504, 0x1D51E, 0, 0, 0),
    "double": (0x1D538, 0x1D552, 0, 0, 0x1D7D8),
    "sans": (0x1D5A0, 0x1D5BA, 0, 0, 0x1D7E2),
    "mono": (0x1D670, 0x1D68A, 0, 0, 0x1D7F6),
}
_HOLES: Final = {
    "italic": {"h": "ℎ"},
    "script": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "fraktur": dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True)),
    "double": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
}
_GREEK_EXTRA: Final = "∂ϵϑϰϕϱϖ"

#: Commands that choose an alphabet for their argument.
FONTS: Final = {
    "\\mathbb": "double", "\\Bbb": "double", "\\mathbf": "bold", "\\mathcal": "script",
    "\\mathscr": "script", "\\mathfrak": "fraktur", "\\mathrm": "upright", "\\mathit": "italic",
    "\\mathsf": "sans", "\\mathtt": "mono", "\\boldsymbol": "bolditalic", "\\bm": "bolditalic",
    "\\pmb": "bolditalic", "\\mathnormal": "italic", "\\mathup": "upright",
}  # fmt: skip
#: And those that choose it for the rest of the group.
SWITCHES: Final = {
    "\\rm": "upright", "\\bf": "bold", "\\it": "italic", "\\cal": "script", "\\sf": "sans", "\\tt": "mono",
    "\\frak": "fraktur", "\\bfseries": "bold",
}  # fmt: skip


def styled(char: str, font: str) -> str:
    """The character of an alphabet; "" is mathematics' own: italic letters, but upright Greek capitals."""
    if font == "upright":
        return char
    name = font or "italic"
    hole = _HOLES.get(name, {}).get(char)
    if hole:
        return hole
    capital, small, alpha_capital, alpha, zero = _BLOCKS[name]
    if "A" <= char <= "Z":
        return chr(capital + ord(char) - 65)
    if "a" <= char <= "z":
        return chr(small + ord(char) - 97)
    if "0" <= char <= "9":
        return chr(zero + ord(char) - 48) if zero else char
    if "Α" <= char <= "Ω" and alpha_capital and font:
        if name == "bolditalic":
            alpha_capital = _BLOCKS["bold"][2]
        return chr(alpha_capital + ord(char) - ord("Α"))
    if "α" <= char <= "ω" and alpha:
        return chr(alpha + ord(char) - ord("α"))
    if char in _GREEK_EXTRA and alpha:
        return chr(alpha + 25 + _GREEK_EXTRA.index(char))
    return char

"""Formulas as solutions and papers have them: what is drawn, and what is shown as its source, and why.

`python -m tests.render.sheet OUT.png` draws all of them to be looked at.
"""

from __future__ import annotations

#: Drawn on a line of their own.
DISPLAY = r"""
x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}
\sum_{k=1}^{n} \frac{1}{k(k+1)} = 1 - \frac{1}{n+1}
\left(\sum_{i=1}^n a_i b_i\right)^2 \le \left(\sum_{i=1}^n a_i^2\right)\left(\sum_{i=1}^n b_i^2\right)
\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}
\oint_{\partial\Omega} \mathbf{F}\cdot d\mathbf{r} = \iint_\Omega (\nabla\times\mathbf{F})\cdot d\mathbf{S}
\begin{pmatrix} a & b \\ c & d \end{pmatrix}^{-1} = \frac{1}{ad-bc}\begin{pmatrix} d & -b \\ -c & a \end{pmatrix}
\begin{bmatrix} 1 & 0 & \cdots & 0 \\ 0 & 1 & \cdots & 0 \\ \vdots & \vdots & \ddots & \vdots \\ 0 & 0 & \cdots & 1 \end{bmatrix}
\det A = \begin{vmatrix} a & b & c \\ d & e & f \\ g & h & i \end{vmatrix}
\begin{Vmatrix} x & y \end{Vmatrix},\quad \begin{Bmatrix} p \\ q \end{Bmatrix},\quad \begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix}
f(x) = \begin{cases} x^2 & \text{if } x \ge 0, \\ -x & \text{otherwise.} \end{cases}
|x| = \begin{dcases} \frac{x}{1} & x > 0 \\ -\frac{x}{1} & x \le 0 \end{dcases}
\begin{align} a &= b + c \\ &= d + \frac{e}{f} \end{align}
\begin{align*} (x+y)^3 &= x^3 + 3x^2y + 3xy^2 + y^3, & x &\in \mathbb{R} \\ (x-y)^3 &= x^3 - 3x^2y + 3xy^2 - y^3, & y &\in \mathbb{R} \end{align*}
\begin{aligned} S &= 1 + 2 + \cdots + n \\ 2S &= n(n+1) \end{aligned}
\begin{alignat*}{2} x + y &= 3 & \quad x &= 1 \\ x - y &= -1 & \quad y &= 2 \end{alignat*}
\begin{gather*} a^2 + b^2 = c^2 \\ e^{i\pi} + 1 = 0 \end{gather*}
\begin{multline*} p(x) = 3x^6 + 14x^5y + 590x^4y^2 + 19x^3y^3 \\ - 12x^2y^4 - 12xy^5 + 2y^6 - a^3b^3 \end{multline*}
\begin{equation} E = mc^2 \tag{1} \end{equation}
a^2 + b^2 = c^2 \tag{*}
\begin{align} x &= 1 \tag{a} \\ y &= 2 \tag{b$'$} \end{align}
\begin{array}{c|cc} \times & 1 & -1 \\ \hline 1 & 1 & -1 \\ -1 & -1 & 1 \end{array}
\left[\begin{array}{cc|c} 1 & 2 & 3 \\ 0 & 1 & 4 \end{array}\right]
\begin{array}{|l|r|} \hline n & n! \\ \hline 5 & 120 \\ 10 & 3628800 \\ \hline \end{array}
\left\{\begin{array}{l} x + y + z = 6 \\ xy + yz + zx = 11 \\ xyz = 6 \end{array}\right.
\binom{n}{k} = \frac{n!}{k!\,(n-k)!} = \binom{n-1}{k-1} + \binom{n-1}{k}
\sum_{k=0}^{n} \binom{n}{k} x^k y^{n-k} = (x+y)^n
\sum_{\substack{1 \le i < j \le n \\ i + j \text{ even}}} a_i a_j
\prod_{p \mid n} \left(1 - \frac{1}{p}\right) = \frac{\varphi(n)}{n}
a \equiv b \pmod{n} \implies a^k \equiv b^k \pmod{n}
7^{100} \equiv 1 \pmod{4}, \qquad 100 \bmod 7 = 2
\gcd(a, b) \cdot \operatorname{lcm}(a, b) = |ab|
p \nmid n, \quad q \mid n, \quad a \not\equiv b, \quad x \notin S, \quad x \ne y
v_p(n!) = \sum_{i=1}^{\infty} \left\lfloor \frac{n}{p^i} \right\rfloor
\left\lceil \frac{n}{2} \right\rceil + \left\lfloor \frac{n}{2} \right\rfloor = n
\triangle ABC \sim \triangle DEF, \quad \angle ABC = 90^\circ
\overline{AB} \parallel \overline{CD}, \quad \overline{AB} \perp \overline{EF}
\frac{\sin A}{a} = \frac{\sin B}{b} = \frac{\sin C}{c} = \frac{1}{2R}
[ABC] = \sqrt{s(s-a)(s-b)(s-c)} = \tfrac12 ab\sin C
\overrightarrow{AB} + \overrightarrow{BC} = \overrightarrow{AC}, \quad \widehat{ABC} = 60^\circ
\overset{\frown}{AB} = 2\alpha, \quad \measuredangle XYZ
\vec{u} \cdot \vec{v} = \|\vec{u}\| \, \|\vec{v}\| \cos\theta
\hat{x},\ \tilde{y},\ \bar{z},\ \dot{q},\ \ddot{q},\ \acute a,\ \grave e,\ \breve o,\ \check s,\ \mathring{A}
\widehat{xyz},\ \widetilde{abc},\ \overline{z_1 z_2},\ \underline{xyz}
A \cup B = \{ x : x \in A \lor x \in B \}, \quad A \setminus B, \quad A \subseteq B \subsetneq C
\left\{ x \in \mathbb{Z} \;\middle|\; \frac{x}{2} \in \mathbb{Z} \right\}
\forall \varepsilon > 0 \ \exists \delta > 0 : |x - a| < \delta \Rightarrow |f(x) - f(a)| < \varepsilon
\neg (P \land Q) \iff \neg P \lor \neg Q
\bigcup_{i \in I} A_i \cap \bigcap_{j=1}^{\infty} B_j = \varnothing
\mathbb{N} \subset \mathbb{Z} \subset \mathbb{Q} \subset \mathbb{R} \subset \mathbb{C}
P(A \mid B) = \frac{P(B \mid A) P(A)}{P(B)}
\mathbb{E}[X] = \sum_{x} x \Pr[X = x], \quad \operatorname{Var}(X) = \mathbb{E}[X^2] - \mathbb{E}[X]^2
X \sim \mathcal{N}(\mu, \sigma^2), \quad f(x) = \frac{1}{\sigma\sqrt{2\pi}} e^{-\frac{(x-\mu)^2}{2\sigma^2}}
\alpha\beta\gamma\delta\epsilon\varepsilon\zeta\eta\theta\vartheta\iota\kappa\lambda\mu\nu\xi\pi\varpi\rho\varrho\sigma\varsigma\tau\upsilon\phi\varphi\chi\psi\omega
\Gamma\Delta\Theta\Lambda\Xi\Pi\Sigma\Upsilon\Phi\Psi\Omega
\boxed{42}
\boxed{\frac{1}{2} + \sqrt{3}}
\boxed{\text{Yes, for all } n \geq 3}
\boxed{(1, 2), (2, 1)}
\lim_{n\to\infty} \left(1 + \frac{1}{n}\right)^n = e
f'(x) = \lim_{h \to 0} \frac{f(x+h) - f(x)}{h}, \quad f''(x), \quad f'''
\frac{\partial^2 u}{\partial t^2} = c^2 \nabla^2 u
\frac{d}{dx} \int_a^x f(t)\,dt = f(x)
\iiint_V \rho \, dV, \quad \int_{-\infty}^{\infty} \frac{\sin x}{x}\,dx = \pi
\limsup_{n\to\infty} a_n \ge \liminf_{n\to\infty} a_n
\max_{1\le i\le n} x_i, \quad \min_{x\in K} f(x), \quad \sup_{t} |g|, \quad \inf S, \quad \operatorname*{arg\,max}_{\theta} L(\theta)
1 + 2 + \dots + n, \quad a_1, a_2, \dots, a_n, \quad a_1 a_2 \cdots a_n
\sqrt[3]{2 + \sqrt{5}} + \sqrt[3]{2 - \sqrt{5}} = 1
\sqrt{1 + \sqrt{1 + \sqrt{1 + \sqrt{1 + x}}}}
\sqrt{\frac{a}{b}} = \frac{\sqrt{a}}{\sqrt{b}}, \quad \sqrt{x}\sqrt{y}, \quad \sqrt[n]{a_1 a_2 \cdots a_n}
\cfrac{1}{1 + \cfrac{1}{2 + \cfrac{1}{3 + x}}}
\dfrac{a}{b} + \tfrac{c}{d} + \frac{\frac{a}{b}}{\frac{c}{d}}
\frac{1}{2}, \frac12, \frac{a+b}{2}, {a \over b}, {n \choose k}
\underbrace{1 + 1 + \cdots + 1}_{n \text{ times}} = n
\overbrace{a + b + c}^{\text{three}} + \underbrace{x \cdot x \cdots x}_{n}
A \xrightarrow{f} B \xrightarrow[g]{h \circ k} C \xleftarrow{\sim} D
f : X \to Y, \quad x \mapsto x^2, \quad f\colon A \hookrightarrow B, \quad A \twoheadrightarrow B
a \stackrel{\text{def}}{=} b, \quad x \overset{!}{=} y, \quad x \underset{n\to\infty}{\longrightarrow} 0
\biggl( \sum_{i} x_i \biggr)^{2}, \quad \Bigl[ \frac{1}{2} \Bigr], \quad \bigl\{ x \bigr\}, \quad \Biggl| \frac{a}{b} \Biggr|
\biggl\{ \frac{p}{q} \biggm| p, q \in \mathbb{Z} \biggr\}
\left( \frac{a}{b} \right), \left[ \frac{a}{b} \right], \left\{ \frac{a}{b} \right\}, \left| \frac{a}{b} \right|, \left\| \frac{a}{b} \right\|, \left\langle \frac{a}{b} \right\rangle
\left. \frac{df}{dx} \right|_{x=0} = 1
\left( \left( \left( x + 1 \right)^2 + 1 \right)^2 + 1 \right)^2
\langle u, v \rangle = \overline{\langle v, u \rangle}, \quad \lfloor x \rfloor, \quad \lceil x \rceil
\mathop{\mathrm{ord}}_p(a) = k, \quad \mathop{\sum\sum}_{i,j}
\cos^2\theta + \sin^2\theta = 1, \quad \log_2 8 = 3, \quad \ln x, \quad \tan^{-1} x
-1 < x \le -2, \quad 2 \cdot (-3), \quad a = -b, \quad (-1)^n
x^{2^{n}}, \quad x_{i_{j}}, \quad x_1^2, \quad x_{n+1}^{k-1}, \quad {}^{14}_{6}\mathrm{C}, \quad a^{b^{c^{d}}}
\mathbf{x}^T A \mathbf{x} > 0, \quad \mathcal{F}, \mathscr{L}, \mathfrak{g}, \mathbb{F}_q, \mathsf{P}, \mathtt{code}, \mathrm{d}x, \boldsymbol{\beta}, \bm{v}
\mathrm{H_2O}, \quad \mathrm{2H_2 + O_2 \rightarrow 2H_2O}, \quad \text{Fe}^{3+}
10\,\text{km}, \quad 3.14 \times 10^{8}\ \mathrm{m/s}, \quad 25\%, \quad \$5, \quad 1{,}000{,}000
\text{area} = \frac{\text{base} \times \text{height}}{2}
x \in [0, 1), \quad (a, b], \quad ]0, 1[
\newcommand{\R}{\mathbb{R}} f : \R^n \to \R
\newcommand{\norm}[1]{\left\lVert #1 \right\rVert} \norm{x + y} \le \norm{x} + \norm{y}
\DeclareMathOperator{\rank}{rank} \rank(A) + \dim\ker A = n
\def\half{\frac12} \half + \half = 1
a \oplus b \otimes c \ominus d, \quad G \rtimes H, \quad A \bigoplus B, \quad \bigotimes_{i} V_i
x \lesssim y, \ a \gg b, \ c \approx d, \ e \cong f, \ g \propto h, \ p \prec q, \ r \simeq s, \ t \doteq u
\because a = b \quad \therefore b = a
\Leftrightarrow, \Longrightarrow, \longleftrightarrow, \uparrow, \Downarrow, \nearrow, \rightleftharpoons, \leadsto
\hbar, \ell, \Re z, \Im z, \aleph_0, \infty, \partial, \nabla, \emptyset, \wp, \imath, \jmath
\cancel{x} + \frac{\cancel{2}a}{\cancel{2}b}, \quad \bcancel{y}, \quad \xcancel{z}
a \phantom{+ b} + c, \quad \smash{\frac{1}{2}} x
\begin{pmatrix} \frac{1}{2} & \sqrt{2} \\ \sum_{i} x_i & \int_0^1 f \end{pmatrix}
\bigl( \begin{smallmatrix} a & b \\ c & d \end{smallmatrix} \bigr)
\begin{cases} x + y = 1 \\ x - y = 3 \end{cases} \quad\Longrightarrow\quad \begin{cases} x = 2 \\ y = -1 \end{cases}
\begin{aligned} \text{LHS} &= \frac{a}{b} + \frac{c}{d} \\[6pt] &= \frac{ad + bc}{bd} \\ &\ge 2\sqrt{\frac{ac}{bd}} \qquad \text{(AM-GM)} \end{aligned}
\frac{a_1 + a_2 + \cdots + a_n}{n} \ge \sqrt[n]{a_1 a_2 \cdots a_n} \ge \frac{n}{\frac{1}{a_1} + \cdots + \frac{1}{a_n}}
\sum_{\text{cyc}} \frac{a}{b+c} \geqslant \frac{3}{2}
\zeta(s) = \sum_{n=1}^\infty \frac{1}{n^s} = \prod_{p} \frac{1}{1 - p^{-s}}
e^{i\theta} = \cos\theta + i\sin\theta
\left| \sum_{k=1}^{n} z_k \right| \leq \sum_{k=1}^{n} |z_k|
\Bigl| \bigl\| a - b \bigr\| - c \Bigr|
x_{1,2} = \frac{-p}{2} \pm \sqrt{\left(\frac{p}{2}\right)^2 - q}
F_n = \frac{\varphi^n - \psi^n}{\sqrt5}, \quad \varphi = \frac{1+\sqrt5}{2}
\left(\frac{p}{q}\right)\left(\frac{q}{p}\right) = (-1)^{\frac{p-1}{2}\cdot\frac{q-1}{2}}
a^{p-1} \equiv 1 \pmod p, \qquad x \equiv y \mod 5
\binom{2n}{n} \sim \frac{4^n}{\sqrt{\pi n}}
f^{(n)}(x) = \sum_{k=0}^{n} \binom{n}{k} u^{(k)} v^{(n-k)}
\mathcal{L}\{f\}(s) = \int_0^\infty f(t) e^{-st}\,dt
\frac{x^2}{a^2} + \frac{y^2}{b^2} = 1 \\ y = mx + c
\text{if } n \text{ is even, then } \frac{n}{2} \in \mathbb{Z}
x = 1 \text{ and $y = \frac{1}{2}$ hold}
\textbf{Answer: } \textit{see below}, \ \texttt{x = 1}
\log_{10} 100, \ \exp\left(-\frac{x}{2}\right), \ \deg P, \ \dim V, \ \arg z, \ \det(A), \ \operatorname{tr} A, \ \operatorname{sgn}\sigma
(a+b)^2, [a]_n, \{a_n\}_{n\ge1}, |A|^2, \|x\|_2^2, \left(\frac12\right)^{n}, \sqrt{2}^{\,n}
\begin{array}{rcl} x & = & 1 \\ & \le & 2 \end{array}
\begin{eqnarray*} a & = & b \\ & < & c \end{eqnarray*}
\begin{split} a &= b \\ &= c \end{split}
\begin{gathered} x \\ x + y + z \end{gathered}
T(n) = 2T\left(\left\lfloor \tfrac{n}{2} \right\rfloor\right) + \mathcal{O}(n \log n) = \Theta(n \log n)
\nabla \cdot \mathbf{E} = \frac{\rho}{\varepsilon_0}, \quad \hat{H}\psi = E\psi, \quad \langle \psi | \phi \rangle
S_{\triangle} = \frac{1}{2} \left| x_1(y_2 - y_3) + x_2(y_3 - y_1) + x_3(y_1 - y_2) \right|
\color{red}{x} + \textcolor{blue}{y}
\overline{abc} = 100a + 10b + c, \quad 0.\overline{3} = \tfrac13
\bigcirc, \square, \star, \bullet, \dagger, \clubsuit, \checkmark, \blacksquare
\braket{\psi | \phi}, \quad \abs{\frac{a}{b}} \le \norm{x}, \quad f : \R \to \C, \quad \nicefrac{1}{2} \lt 1
\large x + \normalsize y
\int\limits_a^b f + \sum\nolimits_i a_i + \lim\limits_{x\to0} g
A^{\mathsf T}, A^*, A^\dagger, \bar{A}, A^\perp, x', x'^2, x'_n, \overline{x}^2
""".strip().splitlines()  # noqa: E501

#: Drawn within a line of text.
INLINE = r"""
\sum_{i=1}^n i
\frac{1}{2}
\int_0^1 x\,dx
\lim_{x\to 0} f(x)
\binom{n}{2}
\prod_{i} p_i^{e_i}
x \equiv 1 \pmod{4}
\sqrt{2}
\begin{pmatrix} a & b \\ c & d \end{pmatrix}
\left(\frac{a}{b}\right)^2
\displaystyle \sum_{i=1}^n i
\bigcup_{i} A_i
\overline{XY}
\boxed{7}
p
n!
""".strip().splitlines()

#: Shown as source: (formula, what the reason says).
REFUSED = (
    ("", "empty"),
    ("x % of y", "%"),
    (r"\left( x", r"\right is missing"),
    (r"\frac{1}", "missing"),
    (r"{x", "brace"),
    (r"x}", "}"),
    (r"x^2^3", "two exponents"),
    (r"a & b", "&"),
    (r"\unknowncommand{x}", r"\unknowncommand"),
    (r"\ce{H2O -> H+ + OH-}", r"\ce"),
    (r"\begin{tikzpicture} \draw (0,0); \end{tikzpicture}", "tikzpicture"),
    (r"\begin{align} x &= 1 \\ \intertext{and} y &= 2 \end{align}", r"\intertext"),
    (r"\begin{array}{c} \multicolumn{2}{c}{x} \end{array}", r"\multicolumn"),
    (r"\begin{array}{p{3cm}} x \end{array}", "columns"),
    (r"\begin{array}{cc} a & b \\ \cline{1-2} c & d \end{array}", r"\cline"),
    (r"\begin{array}{c} a & b \end{array}", "more columns"),
    (r"\begin{pmatrix} a & b", r"\end is missing"),
    (r"\begin{pmatrix} a \end{bmatrix}", r"\end{pmatrix}"),
    (r"\href{https://example.com}{x}", r"\href"),
    (r"\includegraphics{x.png}", r"\includegraphics"),
    (r"\input{/etc/passwd}", r"\input"),
    (r"\rule{1cm}{1pt}", r"\rule"),
    (r"\colorbox{red}{x}", r"\colorbox"),
    (r"\eqref{eq:1}", r"\eqref"),
    (r"\not x", "relations"),
    (r"\text{中文}", "font"),
    (r"\hspace{900em} x", "length"),
    (r"\sideset{_a^b}{_c^d}\sum", r"\sideset"),
    (r"\genfrac{[}{]}{0pt}{}{a}{b}", r"\genfrac"),
    (r"\newcommand{\a}{\a\a} \a", "macros"),
    (r"\left( x \right", "missing"),
    (r"x_", "missing"),
)

"""Formulas that try to run code, or to work without end, from a seeded generator."""

import random

ATOMS = ["year", "x", "group", "sentinel", "odd name", "np", "os", "log", "C", "contr", "poly", "a", "_x"]
DUNDERS = [
    "__import__",
    "__builtins__",
    "__class__",
    "__globals__",
    "__subclasses__",
    "__mro__",
    "__dict__",
    "__FORMULAIC_CONTEXT__",
    "__FORMULAIC_STATE__",
    "__FORMULAIC_SPEC__",
    "__getattribute__",
    "__loader__",
]
METHODS = [
    "system",
    "values",
    "pipe",
    "apply",
    "map",
    "eval",
    "query",
    "to_pickle",
    "tofile",
    "format",
    "sum",
]
PAYLOADS = [
    "__import__('os').system('true')",
    "open('x', 'w')",
    "eval('1')",
    "exec('1')",
    "compile('1', '', 'eval')",
    "getattr(year, 'pipe')(print)",
    "np.lib._npyio_impl.os.system('true')",
    "sentinel.record()",
    "sentinel()",
    "globals()",
    "breakpoint()",
    "input()",
    "print(year)",
    "np.load('x', allow_pickle=True)",
    "year.to_csv('x')",
    "().__class__.__base__.__subclasses__()",
    "sentinel + 1",
    "sentinel == 'a'",
    "~sentinel",
    "log(sentinel)",
    "C(sentinel)",
    "sentinel * x",
    "scale(sentinel)",
    "exp(sentinel)",
    "abs(sentinel)",
]
LOOK_ALIKES = str.maketrans("oeacxp", "\u043e\u0435\u0430\u0441\u0445\u0440")  # Cyrillic
FULL_WIDTH = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})
SHAPES = [
    "{{{0}}}",
    "log({0})",
    "C({0})",
    "I({0})",
    "poly({0}, 2)",
    "bs({0}, df=4)",
    "scale({0})",
    "{{year + {0}}}",
    "{{({0}) or year}}",
    "{{year if {0} else x}}",
    "{{[{0} for year in x]}}",
    "{{(lambda: {0})()}}",
    "{{(y := {0})}}",
    "{{{{year: {0}}}}}",
    "{{year[{0}]}}",
    "poly(year, {0})",
    "C(group, {0})",
    "x:{{{0}}}",
    "C(group, contr.treatment({0}))",
    "C(group, levels=[{0}])",
    "scale(x, _state={0})",
    "scale(x, **{0})",
    "{{f'{{{0}}}'}}",
    "scale(*{0})",
    "{0}",
    "`{0}`",
    "({0})",
    "scale(x == '{0}')",
    "bs(x, extrapolation='{0}')",
    'bs(x, extrapolation="{0}")',
    "scale(`odd name` + {0})",
    "{{x @ {0}}}",
    "{{x < {0} < year}}",
    "{{not {0}}}",
]
ESCAPES = [
    "'\"] or open(1) or [\"'",
    '"\\"] or open(1) or [\\""',
    "'''`'''",
    '"`x`"',
    "'\\x6f\\x73'",
    "'\\u006fs'",
    '"it\'s"',
    '\'\\\\"] + __import__(\\\\"os\\\\") + [\\\\"\'',
    "b'x'",
    "rb'x'",
    "u'x'",
    "1j",
    "...",
    "'\x00'",
]
WORK = [
    "({0})**{1}",
    "(({0})**{2})**{2}",
    "{{x*10**9**9}}",
    "{{x**{1}}}",
    "poly(x, {1})",
    "bs(x, df={1})",
    "cc(x, df={1})",
    "bs(x, degree={1})",
    "{{group * {1}}}",
    "{{'a' * {1}}}",
    "{{[1] * {1}}}",
    "{{x << {1}}}",
    "poly(x, {2}, raw=True)",
    "hashed(group, {1})",
    "lag(x, {1})",
    "({0}):({0}):({0}):({0})",
    "({0})*({0})*({0})*({0})*({0})",
    "({0})/({0})/({0})",
    "C(x):C(year):C(member):C(group)",
    "C(x)*C(member)*C(year)",
    "{{9**9**9**9 * x}}",
    "{{-{1}**-{1} * x}}",
    "({0})^{1}",
]
SOUP = [
    *"+-*/:^~|%&<>=!,.()[]{}'\"`\\@#$?;\n\t\x00\x1b 0123456789",
    "**",
    ":=",
    "->",
    "yes",
    *ATOMS,
    *DUNDERS,
]


def draw_formulas(n, seed=0):
    """Return formulas, the same for one seed."""
    rng = random.Random(seed)  # noqa: S311
    return [_draw(rng) for _ in range(n)]


def _draw(rng):
    kind = rng.randrange(8)
    if kind == 0:  # chains of attributes
        chain = [rng.choice(ATOMS), *rng.choices(METHODS + DUNDERS, k=rng.randint(1, 5))]
        inner = ".".join(chain) + rng.choice(["", "()", "(year)", "('true')", "[0]"])
    elif kind == 1:
        inner = rng.choice(PAYLOADS)
    elif kind == 2:
        inner = rng.choice(DUNDERS) + rng.choice(["", "('os')", ".x", "['x']", "[0]"])
    elif kind == 3:
        inner = rng.choice(ESCAPES)
    elif kind == 4:
        inner = rng.choice(PAYLOADS + ATOMS).translate(rng.choice([LOOK_ALIKES, FULL_WIDTH]))
    elif kind == 5:
        names = "+".join(rng.choices(["year", "x", "z", "group", "C(member)", "."], k=rng.randint(1, 6)))
        large = rng.choice(["7", "99", "20000", "10**9", "1000000000", "9" * 40, "1e9", "0", "-1", "x"])
        return "yes ~ " + rng.choice(WORK).format(names, large, rng.choice("2379"))
    elif kind == 6:
        text = "".join(rng.choices(SOUP, k=rng.randint(1, 60)))
        return rng.choice(["yes ~ ", "yes ~ x + ", ""]) + text * rng.choice([1, 1, 1, 200])
    else:  # one thing inside another, deep
        deep = rng.choice([3, 30, 300])
        opening, closing = rng.choice(
            ["()", ("log(", ")"), ("-", ""), ("{", "}"), ("[", "]"), ("`", "`"), ("'", "'")]
        )
        return f"yes ~ {opening * deep}{rng.choice(PAYLOADS + ATOMS)}{closing * deep}"
    for _ in range(rng.choice([1, 1, 2])):
        inner = rng.choice(SHAPES).format(inner)
    side = rng.choice(
        ["yes ~ {0}", "yes ~ x + {0}", "yes ~ {0} * year", "{0} ~ x", "yes ~ . - {0}", "yes ~ x - 1 + {0}"]
    )
    return side.replace("{0}", inner)

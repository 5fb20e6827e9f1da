"""Module doc."""
import os, sys as system
X: int = 1; Y = 2
a, (b, c), *d = values
e = f = 3
__all__ = ["X"]
lambda_ = lambda p, q=1: p

@decorator
# comment between
@other(a=1,  # with ) in it
       b="(")
# and another, with (
async def run(self, a, /, b: "dict[str, int]" = {"a": 1, "b": [2]}, *args: int, key=lambda x, y=(1, 2): (x, y), c=1, **kw) -> "List[int]":
    """Doc."""
    def inner(z: int = 1): return z
    class Local: attr = 1
    x = 5

def documented(
    a: Annotated[
        str,
        Doc(
            """
            It's a text with "quotes", commas, (brackets
            and `ticks`. # no comment
            """
        ),
    ] = "x",  # a comment, with commas (and it's bracket
    b: int = 1,
    *,
    c: Callable[[int, str], bool] = lambda i, s: i > 1,
) -> None:
    pass

class Base(Generic[T], metaclass=Meta): x: ClassVar[int] = 1; y = 2; z: str
class One: pass
@dataclass(frozen=True)
class Point(
    Base,
    Other[int],
):
    """Doc of point."""
    x: int = field(default=1)
    tags: list[str] = field(default_factory=lambda: ["a", "b"])
    A, B = range(2)
    @property
    def area(self) -> float: return 1.0
    @area.setter
    def area(self, v): self._v = v
    @staticmethod
    def make(): ...
    @classmethod
    async def amake(cls, *, a=1): ...
    class Meta:
        ordering = ["x"]
        def deep(self): pass
    def __init__(self, x): self.x = x
    if True:
        def conditional(self): pass
        flag = True
    else:
        def conditional_else(self): pass
    method_alias = area
    def generic[T: int](self, t: T) -> T: return t

type Alias[T] = list[T]
def first(): pass; second = 1
if sys.platform == "win32":
    def plat(): pass
    CONST = 1
else:
    def plat(): pass
try:
    import json
except ImportError:
    json = None
with open("x") as fh:
    text = fh.read()
for i in range(3):
    total = i
while (n := 10) > 1: n -= 1
def one_line(x): return lambda y: x + y
class Enum1(Enum): RED = 1; GREEN = "g"
global_typed: "int"
x.attr = 5
d["k"] = 6
def é_unicode(ñ=1): pass
def \
  continued(a,
            b): pass
match value:
    case {"k": v}: matched = v

package demo

enum Color(val rgb: Int):
  case Red extends Color(1)
  case Green, Blue
  case Mix(a: Int, b: Int)
  def hex = rgb.toHexString
end Color

trait Show[T]:
  extension (t: T)
    def show: String
    def twice: String = t.show * 2
end Show

given Show[Int] with
  extension (t: Int) def show = t.toString
given intOrd: Ordering[Int] = Ordering.Int
given listShow[T](using s: Show[T]): Show[List[T]] with
  extension (t: List[T]) def show = ""

class Service(db: Db, val name: String = "x"):
  private var count = 0
  def run(using ctx: Ctx)(x: Int): Int =
    val local = 1
    def inner(y: Int) = y
    inner(x)
  end run

  def after(): Unit = ()
end Service

object Util:
  inline def max(inline a: Int, b: Int): Int = if a > b then a else b
  opaque type Id = String
  def top(a: Int)(b: String*): Unit = ()
  val fn = (a: Int) => a

def topLevel(n: Int): Int = n
val topVal = 3
extension (s: String)
  def shout(n: Int): String = s
  def whisper = s
type Alias[A] = List[A]
case class Last(x: Int)
@main def hello(args: String*) = println("x")

package a.b
package c

import x.{A => B, _}

/** Doc */
case class Point[+T <: Ordered[T]](x: Int = 1, private val tags: Map[String, List[T]] = Map.empty)(implicit ev: Ev[T]) extends Base(x) with Shape { def norm: Double = math.sqrt(x) }
class Service(db: Db, val name: String, private[this] var count: Int = 0) {
  val a, b = 1
  val (first, second @ Some(_)) = pair
  lazy val cached: Option[Int] = None
  var state: State = _
  def this(db: Db) = this(db, "x")
  def run[A, B](f: A => B, g: (A, B) => Unit = (a, b) => ())(implicit c: Ctx): B = { def inner(q: Int) = q; inner(1) }
  def +(o: Service): Service = o
  def unary_! : Boolean = true
  def `quoted name`(s: String*): Unit = ()
  private val handler = new Handler with Logging { val seen = 1; override def handle(e: Event): Unit = () }
  type Id = String
  type Abs <: AnyRef
  def noParens = 1; def noBody: Int
  implicit class Rich(val s: String) extends AnyVal { def shout = s.toUpperCase }
  object Nested { case object Leaf extends Tree; final val Max = 10 }
  override protected def toString(): String = "x"
  @deprecated("a (", "1") // note )
  /* b */ @inline def old(n: => Int): Int = n
  def update(i: Int, v: Int): Unit = {}
  def method1(x: Int): Int = x match { case 1 => 2 }
}
trait Shape { def area: Double; val kind: String = "s"; protected def scale(by: Double): Shape }
sealed abstract class Tree
object Service extends App { def apply(db: Db) = new Service(db); val Const = 1; implicit val ord: Ordering[Int] = null; private def helper() = () }
package object util { def help() = 1 }
object Main { def main(args: Array[String]): Unit = { val local = new Runnable { def run() = println("x") } } }

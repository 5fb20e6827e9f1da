package com.example.calc

import scala.collection.mutable
import java.util.{List => JList, Map}
import cats.syntax.all._

/** Something that adds. */
trait Addable[A] extends Serializable with Product {
  type Element
  def add(a: A, b: A): A
  val zero: A
}

/**
 * A calculator with a history.
 */
@deprecated("use Totals", "2.0")
abstract class Calculator[T <: Number](val name: String, limit: Int = 10)
    extends Base(name)
    with Addable[Int] {

  private val history = mutable.ListBuffer.empty[Int]
  var total: Int = 0
  lazy val double: Int = total * 2

  def this() = this("calc")

  // Adds two numbers.
  override def add(a: Int, b: Int): Int = a + b

  def safeDivide(a: Double, b: Double): Option[Double] =
    if (b == 0 || b.isNaN) None else Some(a / b)

  def fetchData[F[_]: Sync](url: String)(implicit ec: ExecutionContext): F[Array[Byte]] = {
    def retry(n: Int): Int = n match {
      case 0 => 0
      case _ => retry(n - 1)
    }
    try {
      for (x <- history) client.get(url)
    } catch {
      case e: IOException => throw e
    }
    while (total > 0) total -= 1
    ???
  }
}

object Calculator {
  val Version = "1.0"
  type Id = String
  def apply(name: String): Calculator[Integer] = new Calculator[Integer](name) {}
}

case class Point(x: Int, y: Int)

case object Origin extends Shape

sealed trait Shape

package object syntax {
  implicit class RichInt(val n: Int) extends AnyVal {
    def squared: Int = n * n
  }
}

object MathUtils {
  @tailrec
  def fibonacci(n: Int): Int = if (n <= 1) n else fibonacci(n - 1) + fibonacci(n - 2)
}

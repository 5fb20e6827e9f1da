@file:JvmName("Tricky")
package a.b
import c.D as E

/** Doc. */
data class Point<out T : Comparable<T>>(@JvmField val x: Int = 1, private var tags: Map<String, List<T>> = emptyMap(), plain: String) : Base(x), Shape by other { val z get() = x }
class One { fun f() = 1 }
class Two { val a = 1; fun g() {} }
class Three(val q: Int) { init { println(q) }; constructor() : this(1) { println("x") } }
interface OneLine { fun a(): Int; val b: String }
object Single { const val MAX = 10; fun of() = Single }
enum class Color(val rgb: Int) { RED(0xff0000), GREEN(0x00ff00) { override fun hex() = "g" }; open fun hex() = "r"; companion object { fun parse(s: String) = RED } }
enum class Plain { A, B }
enum class Multi {
    @Deprecated("x") FIRST,
    SECOND;
    fun next(): Multi = FIRST
}
sealed interface Result { data class Ok(val value: Int) : Result; object Fail : Result }
annotation class Ann(val name: String)
annotation class Bare
inline fun <reified T> List<T>.each(crossinline block: (T, Int) -> Unit = { a, b -> println(a) }, vararg rest: String = arrayOf("a", "b")): List<T> where T : Any { return this }
suspend fun run(f: suspend (Int) -> Unit) {}
private val String.shout: String get() = uppercase()
val (first, second) = pair
lateinit var late: String
val lazy by lazy { object : Runnable { override fun run() {} } }
var counted = 0
    private set(value) { field = value }
operator fun Point<Int>.plus(o: Point<Int>) = o
infix fun Int.`to the`(n: Int): Int = n
tailrec fun loop(n: Int): Int = if (n == 0) 0 else loop(n - 1)
class Runner : Base() {
    val job = suspend { 42 }
    private var open = false
    private val listener = object : Listener, Other() { val seen = 1; override fun on(e: Event) {} }
    fun refresh(isOpen: Boolean) {
        open = isOpen
        fun local(a: Int) = a
        val anon = fun(x: Int): Int { return x }
    }
    inner class Nested { fun deep() {} }
    companion object Factory : Maker<Runner> { @JvmStatic fun create() = Runner() }
    private companion object { val HIDDEN = 1 }
    fun interface Callback { fun call() }
    @Deprecated("(", level = ERROR) // note )
    fun old() = Unit
    var a = 1; var b = 2
    abstract fun noBody(): Int
    fun after(): Int { return 1 }
}
typealias Handler<T> = (T) -> Unit
fun interface Fn<T> { operator fun invoke(t: T): T }
value class Id(val raw: String)
class Empty
class Last { fun stop() {} }

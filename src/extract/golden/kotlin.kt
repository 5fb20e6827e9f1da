@file:JvmName("Calc")
package com.example.calc

import java.util.UUID
import kotlin.math.*
import com.example.store.Store as Storage

const val MAX_VALUE = 100
private val registry: MutableMap<String, Calculator> = mutableMapOf()
var counter = 0

typealias Operation = (Int, Int) -> Int

/**
 * Arithmetic that remembers.
 */
@Serializable
open class Calculator(private val name: String, val limit: Int = 10) : Base(name), Addable {
    val total: Int
        get() = history.sum()
    private var history = mutableListOf<Int>()

    init {
        register(this)
    }

    constructor() : this("calc")

    /** Adds two numbers. */
    override fun add(a: Int, b: Int): Int {
        return a + b
    }

    fun safeDivide(a: Double, b: Double): Double? = if (b == 0.0 || b.isNaN()) null else a / b

    suspend fun <T> fetchData(url: String, vararg keys: String, block: (T) -> Unit): List<T> {
        for (key in keys) {
            try {
                client.get(url)
            } catch (error: IOException) {
                continue
            }
        }
        when (url) {
            "" -> return emptyList()
            else -> while (true) break
        }
        return listOf()
    }

    companion object {
        const val VERSION = "1.0"
        fun create(): Calculator = Calculator("new")
    }

    inner class Node(val value: Int)
}

interface Addable {
    val size: Int
    fun add(a: Int, b: Int): Int
}

data class Point(val x: Int, val y: Int)

sealed class Shape {
    object Empty : Shape()
    data class Circle(val radius: Double) : Shape()
}

enum class Level(val code: Int) : Coded {
    LOW(1),
    HIGH(2);

    fun label() = name.lowercase()
}

annotation class Traced

object MathUtils {
    fun fibonacci(n: Int): Int = if (n <= 1) n else fibonacci(n - 1) + fibonacci(n - 2)
}

fun String.greet(other: String = "World"): String = "Hello, $other"

fun interface Visitor { fun visit(node: Int) }

fun main() {
    fun local() = println("x")
    local()
}

package com.example.three

enum Level(val code: Int):
  case Low extends Level(1)
  case High extends Level(2)

given intOrdering: Ordering[Int] with
  def compare(a: Int, b: Int): Int = a - b

extension (text: String)
  def greet(other: String): String = s"Hello, $other"

def calculateSum(values: List[Int]): Int =
  values.foldLeft(0)(_ + _)

class Box:
  def open(): Unit =
    println("open")
end Box

type Pair = (Int, Int)
val limit = 10

# frozen_string_literal: true

require "json"
require_relative "calculator/errors"
autoload :Table, "calculator/table"

# Things that count.
module Counting
  MAX = 10
  VERSION, BUILD = "1.0", 7

  # Adds two numbers.
  #
  # Both must be numeric.
  def self.add_numbers(a, b = 0)
    a + b
  end

  module_function

  def fibonacci(n)
    return n if n <= 1

    fibonacci(n - 1) + fibonacci(n - 2)
  end
end

class Counting::Calculator < Base::Machine
  include Comparable
  extend Forwardable, Enumerable
  prepend Traced

  attr_reader :total, :history
  attr_accessor :name

  alias_method :plus, :add
  alias << add

  Point = Struct.new(:x, :y)

  class Error < StandardError; end

  class << self
    def create(*args, **options, &block)
      new(*args, **options, &block)
    end
  end

  def initialize(start: 0, name:, on_error: ->(e) { puts e })
    @total = start
    super()
  end

  def add(*values, factor)
    values.each do |value|
      @total += value * factor unless value.nil?
    end
    self
  end

  def empty?
    @total.zero? && history.empty?
  end

  def total=(value)
    @total = value
  end

  def [](index) = @history[index]

  def <=>(other)
    total <=> other.total
  end

  def safe_divide(a, b)
    raise ZeroDivisionError if b == 0 or a.nil?

    a / b
  rescue ZeroDivisionError, TypeError => e
    log e.message
    nil
  ensure
    finish!
  end

  def fetch_data(url)
    case url
    when /^http/ then get(url)
    when nil
      puts "nothing"
    else
      until done? do wait end
    end
    url ? url.to_s : ""
  end

  private

  def multiply(a, b) a * b end
end

def hello_world
  puts "Hello, World!"
  helper = lambda { |x| x * 2 }
  define_method(:dynamic) { 1 }
end

LIMIT = 5
$debug = false

RSpec.describe Counting do
  it "adds" do
    expect(Counting.add_numbers(1, 2)).to eq(3)
  end
end

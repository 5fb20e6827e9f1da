# frozen_string_literal: true
require "json"
module A::B
  VERSION = "1.0".freeze
  X, Y = 1, 2
  # Doc
  class Point < Struct.new(:x, :y)
    include Comparable
    attr_accessor :name, :age
    attr_reader(*NAMES)
    attr_writer "quoted"
    class << self
      def build(*args, key: 1, **opts, &block) = new(*args)
      attr_reader :registry
      private def hidden; end
    end
    def self.make(a, b = {x: 1, y: [2, 3]}, c = ->(q, w) { q }, # comment, with (
                  d: nil); end
    def initialize(x, y = 0) = (@x = x)
    def ==(other) = true
    def [](i); end
    def []=(i, v); end
    def +@; end
    def !; end
    def <=>(o); end
    def empty?; end
    def save!; end
    def name=(v); end
    def `(cmd); end
    private def secret; end
    protected
    def shielded; def nested; end; end
    private_class_method def self.priv; end
    alias_method :to_str, :to_s
    alias eql? ==
    define_method(:dyn) { |a| a }
    define_method("quoted?") do |a, b| end
    memoize def memo(a) = a
    Error = Class.new(StandardError)
    Inner = Struct.new(:a, :b) do
      def area; end
    end
    CONST = { a: 1, "b" => 2 }
    @@count = 0
    delegate :size, to: :items
    scope :active, -> { where(active: true) }
    def multi((a, b), *, k:, **nil); end
    def fwd(...) = other(...)
  end
  module_function
  def helper(a) a end
  def self.singleton; end
end
class ::Top; end
class Foo < ::Bar::Baz; def one; end; def two; end; end
def top_level(a, b: 2) end
def obj.singleton_on_object; end
$global = 1
TOP = <<~TEXT
  def not_a_method; end
TEXT
if true
  def conditional; end
end
module Empty end
class Module1::Nested2 < Base
  def method_missing(name, *args) super end
end

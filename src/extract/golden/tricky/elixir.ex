defmodule A.B do
  @moduledoc "Doc"
  use GenServer
  alias A.{C, D}
  @timeout 5_000
  @type t :: %__MODULE__{a: integer, do: atom}
  @typep priv(x) :: {x, atom}
  @opaque hidden :: term
  @callback handle(event :: atom, opts :: keyword) :: :ok | {:error, term}
  @macrocallback mac(x :: Macro.t()) :: Macro.t()
  defstruct [:a, b: 1]
  defguard is_pos(x) when is_integer(x) and x > 0
  defguardp is_neg(x) when x < 0

  @doc "Doc of run"
  @spec run(integer, keyword) :: {:ok, t} | :error
  def run(a, opts \\ [do: 1, else: 2])
  def run(0, _), do: :error
  def run(a, opts) when is_pos(a) do
    inner = fn x, y -> x + y end
    inner.(a, opts)
  end
  def run(a, b, c), do: {a, b, c}
  def with_fn(f \\ fn a, b -> a + b end, x), do: f.(x, 1)
  def keyword_do([do: block] = opts), do: {block, opts}
  def map_do(%{do: x}, "do: y"), do: x
  defp private?(x), do: x
  defp bang!(x) do x end
  def one_line(a), do: a; def two_line(b), do: b
  defmacro mac(x, do: block) do
    quote do
      def unquote(:"gen_#{x}")(), do: unquote(block)
    end
  end
  defmacrop macp(x), do: x
  defdelegate size(list), to: Enum, as: :count
  def a <~> b, do: {a, b}
  def unquote(name)(x), do: x
  def no_parens, do: 1
  def no_parens_args a, b do
    a + b
  end
  def left + right, do: {left, right}
  def multi(
        %{a: a, b: [h | t]},
        <<c::8, rest::binary>>, # note, with (
        {x, y} \\ {1, 2}
      )
      when is_map(a) do
    {h, t, c, rest, x, y}
  end
  @impl true
  def init(state), do: {:ok, state}
  @deprecated "x"
  @attr_list [1, 2]
  def after_attr(), do: @attr_list
  defmodule Inner do
    defexception message: "x"
    def deep, do: :ok
  end
  for {k, v} <- [a: 1] do
    def unquote(k)(), do: unquote(v)
  end
  if Mix.env() == :dev do
    def dev_only, do: 1
  end
  defp helper(unquote_splicing(args)), do: args
end

defprotocol Size do
  @doc "Size of"
  def size(data)
  def both(data, other)
end

defimpl Size, for: [Map, List] do
  def size(m), do: map_size(m)
end

defimpl Size, for: BitString, do: (def size(b), do: byte_size(b))

defmodule One, do: def(one(), do: 1)
defmodule Test do
  use ExUnit.Case
  test "adds", %{x: x} do assert x end
  describe "group" do
    test "deep" do end
  end
end

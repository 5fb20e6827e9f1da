defmodule Calc.Addable do
  @moduledoc "Something that adds."
  @callback add(integer, integer) :: integer
end

defmodule Calc.Calculator do
  @moduledoc """
  Arithmetic that remembers.
  """

  use GenServer
  import Enum, only: [map: 2]
  alias Calc.{Store, Errors}
  alias Calc.Store.Table, as: T
  require Logger

  @behaviour Calc.Addable
  @max_value 100

  @type t :: %__MODULE__{total: integer, history: [integer]}
  @typep level :: :low | :high
  @opaque secret :: binary

  defstruct total: 0, history: []

  defexception [:message]

  @doc """
  Adds two numbers.
  """
  @spec add(integer, integer) :: integer
  @impl true
  def add(a, b \\ 0) do
    a + b
  end

  def safe_divide(_a, 0), do: {:error, :zero}
  def safe_divide(a, b) when is_number(a) and b != 0, do: {:ok, a / b}

  # Fetches a page.
  def fetch_data(url, opts \\ [retries: 3]) do
    case Client.get(url) do
      {:ok, body} -> body
      {:error, _} when opts == [] -> nil
    end
  rescue
    e in RuntimeError -> reraise e, __STACKTRACE__
  end

  defp helper(x) do
    if x > 0, do: x, else: -x
  end

  defmacro square(x) do
    quote do: unquote(x) * unquote(x)
  end

  defguard is_even(n) when rem(n, 2) == 0

  defdelegate size(map), to: Map

  defmodule Nested do
    def multiply(a, b), do: a * b
  end
end

defprotocol Shape do
  @doc "The area."
  def area(shape)
end

defimpl Shape, for: Calc.Circle do
  def area(%{radius: r}), do: 3.14 * r * r
end

defmodule MathUtils do
  def fibonacci(n) when n <= 1, do: n
  def fibonacci(n), do: fibonacci(n - 1) + fibonacci(n - 2)

  def a <~> b, do: {a, b}
end

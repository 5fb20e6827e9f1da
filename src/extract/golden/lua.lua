local M = {}

local json = require("json")
local util = require "plugin.util"

M.version = "1.0"
local max_value = 100
counter = 0

--- Adds two numbers.
-- @param a number
local function add_numbers(a, b)
  return a + b
end

function M.safe_divide(a, b)
  if b == 0 or a == nil then
    return nil
  elseif b > 100 then
    return 0
  end
  return a / b
end

---@class Calculator
local Calculator = {}
Calculator.__index = Calculator

function Calculator:add(value, ...)
  for i = 1, 3 do
    self.total = self.total + value
  end
  local inner = function(x) return x end
  return inner(self)
end

M.fetch_data = function(url)
  while url do
    print(url)
    vim.api.nvim_get(url)
  end
end

local multiply = function(a, b) return a * b end

function hello_world() print("Hello, World!") end

M.handlers = {
  start = function() boot() end,
  ["stop"] = function() halt() end,
}

function M.deep.nested.call(x) repeat x = x - 1 until x == 0 end

local function fibonacci(n)
  return n <= 1 and n or fibonacci(n - 1) + fibonacci(n - 2)
end

return M

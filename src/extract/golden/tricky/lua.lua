local M = {}
local json = require("json")
local a, b = 1, 2
X = 5
M.version, M.other = "1", 2
local function helper(x, --[[ y, ]] z, ...) return x end
function M.new(opts) local self = setmetatable({}, M); return self end
function M:method(a, b) local function inner() end end
function M.a.b.deep(x) end
function M.a.b:deeper() end
function global_fn() end
M.assigned = function(a, b) end
M["quoted"] = function() end
M.nested = { fn = function() end, deep = { deeper = function(q) end }, value = 1 }
local t = {
  start = function(self, x) end,
  ["key"] = function() end,
  stop = function() end,
  [1] = function() end,
}
local fn = function(a) return a end
local f1, f2 = function() end, function(q) end
return_value = (function() return 1 end)()
local obj = Class:extend("Obj")
function obj:init() end
function obj.static(self) end
foo(function() end)
local c <const>, d <close> = 1, 2
if x then function conditional() end end
for i = 1, 2 do local loop = 1 end
do local scoped = 1; function in_do() end end
M.__index = M
M.__tostring = function(self) end
---@class Animal : Base
---@field name string
local Animal = {}
---@alias Id string|number
---@param x number
function Animal:speak(x) end
local s = [[ function not_real() end ]]
local function one() end local function two() end
return M

const std = @import("std");
const Allocator = std.mem.Allocator;
pub const Point = struct {
    x: i32 = 0,
    tags: []const []const u8,
    cb: *const fn (a: u32, b: u32) void = noop,
    @"odd name": bool,
    const Self = @This();
    pub const zero: Point = .{ .x = 0, .tags = &.{} };
    pub fn init(allocator: Allocator, comptime T: type, opts: struct { a: u32 = 1, b: bool }) !Self { return undefined; }
    fn deinit(self: *Self) void { _ = self; }
};
const Kind = enum(u8) { one, two = 2, _, pub fn next(k: Kind) Kind { return k; } };
const Value = union(enum) { int: i64, none, text: []const u8 };
const Errors = error{ OutOfRange, NotFound };
const Packed = packed struct(u32) { a: u1, b: u31 };
pub fn List(comptime T: type) type {
    return struct {
        items: []T,
        pub fn append(self: *@This(), item: T) !void { _ = item; }
        const Node = struct { next: ?*Node, data: T };
    };
}
var counter: u32 = 0;
threadlocal var tls: ?*Point = null;
pub export fn add(a: c_int, b: c_int) c_int { return a + b; }
extern "c" fn printf(format: [*:0]const u8, ...) c_int;
pub inline fn generic(x: anytype) @TypeOf(x) { return x; }
fn noop(_: u32, _: u32) void {}
test "adds" { const T = struct { fn helper() void {} }; T.helper(); }
comptime { _ = add; }
const tuple = struct { u32, bool };
pub usingnamespace @import("other.zig");
const fnPtr = &noop;
const a = 1; const b = 2;
fn outer() void { const Local = struct { z: u8, fn m(_: @This()) void {} }; _ = Local; }
const nested = .{ .a = struct { q: u8 } };
pub const Opaque = opaque { pub fn close(self: *Opaque) void { _ = self; } };

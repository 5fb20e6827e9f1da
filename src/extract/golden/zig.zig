//! Numbers that remember.
const std = @import("std");
const Allocator = std.mem.Allocator;
const builtin = @import("builtin");

pub const max_value: u32 = 100;
var counter: usize = 0;

/// A calculator
/// with a history.
pub const Calculator = struct {
    total: i64 = 0,
    history: std.ArrayList(i64),

    const Self = @This();
    pub const version = "1.0";

    /// Makes one.
    pub fn init(allocator: Allocator) !Self {
        return .{ .history = try std.ArrayList(i64).init(allocator) };
    }

    pub fn add(self: *Self, value: i64) void {
        if (value > 0 and self.total < max_value or value == -1) {
            self.total += value;
        }
        for (self.history.items) |item| {
            while (item > 0) break;
        }
    }
};

pub const Level = enum(u8) {
    low,
    high,

    pub fn label(self: Level) []const u8 {
        return switch (self) {
            .low => "low",
            .high => "high",
        };
    }
};

const Value = union(enum) { int: i64, float: f64 };

pub const Error = error{ Zero, Overflow };

fn Stack(comptime T: type) type {
    return struct {
        items: []T,

        pub fn push(self: *@This(), item: T) void {
            self.items[0] = item;
        }
    };
}

pub fn safeDivide(a: f64, b: f64) Error!f64 {
    if (b == 0) return error.Zero;
    return a / b catch |err| return err;
}

export fn fibonacci(n: u32) callconv(.C) u32 {
    return if (n <= 1) n else fibonacci(n - 1) + fibonacci(n - 2);
}

extern fn external(code: c_int) c_int;

test "adds" {
    try std.testing.expectEqual(@as(u32, 55), fibonacci(10));
}

import Foundation
import struct Crypto.SHA256

let maxValue = 100
var counter: Int = 0

typealias Operation = (Int, Int) -> Int

/// Something that adds.
protocol Addable: AnyObject, Sendable {
    associatedtype Element
    var total: Int { get }
    func add(_ value: Int) -> Self
}

/// A calculator
/// with a history.
@MainActor
public final class Calculator<T: Numeric>: Base, Addable {
    static let shared = Calculator()
    private var history: [Int] = []
    var total: Int { history.reduce(0, +) }

    init(name: String = "calc", limit: Int) {
        self.name = name
        super.init()
    }

    deinit { stop() }

    /** Adds one value. */
    @discardableResult
    func add(_ value: Int) -> Self {
        history.append(value)
        return self
    }

    static func safeDivide(_ a: Double, by b: Double) throws -> Double? {
        guard b != 0 || a > 0 else { return nil }
        do {
            try check(a)
        } catch {
            throw error
        }
        return a / b
    }

    subscript(index: Int) -> Int {
        history[index]
    }

    struct Node {
        let value: Int
    }
}

enum Level: String, CaseIterable {
    case low, high
    case custom(Int)

    func label() -> String {
        switch self {
        case .low: return "low"
        default: return "high"
        }
    }
}

extension Calculator: CustomStringConvertible {
    var description: String { "calc" }
    func reset() { history = [] }
}

actor Store {
    func fetchData(url: URL) async throws -> Data {
        for await chunk in stream(url) where !chunk.isEmpty {
            while ready { merge(chunk) }
        }
        return Data()
    }
}

struct MathUtils {
    static func fibonacci(_ n: Int) -> Int {
        return n <= 1 ? n : fibonacci(n - 1) + fibonacci(n - 2)
    }
}

func multiply<T: Numeric>(_ a: T, _ b: T) -> T { a * b }

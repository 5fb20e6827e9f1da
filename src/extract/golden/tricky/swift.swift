import Foundation
/// Doc
@available(iOS 13, *) // note (
@objc public final class Service<T: Equatable>: Base, Shape where T: Hashable {
    let a = 1, b = 2, c: Int
    private(set) static var shared: Service = Service(), other: Int? = nil
    @Published var items: [String: [T]] = [:] { didSet { print("x") } }
    lazy var lazyOne: Int = { 1 }()
    var computed: Int { get { 1 } set { _ = newValue } }
    var short: String { "x" }
    let (x, y) = (1, 2)
    weak var delegate: Delegate?
    init(_ a: Int, named b: String = "(", c: @escaping (Int, String) -> Void = { _, _ in }) { }
    convenience init?(raw: String) { return nil }
    required init() throws {}
    deinit { }
    subscript(index: Int, key: String = "a") -> T { get { items[0]! } }
    static subscript(i: Int) -> Int { 1 }
    func run<A>(from start: A, to end: inout Int, _ rest: String...) async throws -> (Int, [A]) where A: P { func local(q: Int) {} }
    static func == (lhs: Service, rhs: Service) -> Bool { true }
    class func make() -> Self { fatalError() }
    func `default`(in x: Int) {}
    private enum Keys: String, CodingKey { case id = "i", name; case other(Int, label: String) }
    struct Nested { var q: Int; func deep() {} }
    typealias Handler = (Int) -> Void
    @discardableResult func attr() -> Int { 1 }
}
struct OneLine { let a: Int; func f() -> Int { a } }
indirect enum Tree<T> { case leaf; case node(Tree, T, Tree); var depth: Int { 1 }; static func make() -> Tree { .leaf } }
protocol Shape: AnyObject { associatedtype Item: Equatable; var area: Double { get }; var name: String { get set }; func scale(by f: Double) -> Self; init(x: Int); static func make(); subscript(i: Int) -> Int { get } }
extension Service: CustomStringConvertible { var description: String { "" } ; func extra() {} }
extension Array where Element == Int { func sum() -> Int { 0 } }
actor Counter { var n = 0; func inc() { n += 1 } }
func top(_ f: (Int) -> Int = { $0 }) rethrows {}
let global = 1, another = 2
var gc: Int { 3 }
prefix operator +++
infix operator <=>: Comparison
prefix func +++ (x: Int) -> Int { x }
precedencegroup Comparison { higherThan: Foo }
@resultBuilder struct Builder { static func buildBlock(_ parts: String...) -> String { "" } }
macro stringify<T>(_ value: T) -> (T, String) = #externalMacro(module: "M", type: "S")
#if DEBUG
func debugOnly() {}
#else
func release() {}
#endif

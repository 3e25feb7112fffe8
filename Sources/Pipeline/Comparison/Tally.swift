/// How many things of a kind there are, and the first ten of them.
public struct Tally: Sendable, Hashable, Codable {
    /// How many of them are shown.
    public static let exampleCount = 10

    /// How many there are.
    public private(set) var count = 0
    /// What the first ten are called.
    public private(set) var examples: [String] = []

    /// A tally of nothing.
    init() {}

    /// A tally of those names.
    init(_ names: some Collection<String>) {
        (count, examples) = (names.count, Array(names.prefix(Self.exampleCount)))
    }

    /// Counts one more; `name` is asked for only where it is shown.
    mutating func add(_ name: @autoclosure () -> String) {
        count += 1
        if examples.count < Self.exampleCount { examples.append(name()) }
    }
}

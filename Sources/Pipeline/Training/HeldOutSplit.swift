import Tensors

/// Which rows train a head and which are kept aside to judge it.
public struct HeldOutSplit: Sendable, Hashable {
    /// Rows to train on, ascending.
    public let training: [Int]
    /// Rows to judge on, ascending.
    public let heldOut: [Int]
    /// Rows that these are searched in, ascending; nil where they are searched among each other.
    public let index: [Int]?

    /// Holds out about `fraction` of every class that can spare it: at least two pictures, so that each can find another, and
    /// only where at least as many remain for training. The choice depends on `seed` alone.
    public init(labels: [Int], fraction: Double, seed: UInt64) {
        precondition((0..<1).contains(fraction), "held-out fraction \(fraction)")
        var generator = SeededGenerator(seed: seed, stream: 1)
        var training: [Int] = []
        var heldOut: [Int] = []
        for rows in Self.members(labels) {
            var rows = rows
            generator.shuffle(&rows)
            var kept = fraction == 0 ? 0 : max(2, Int((Double(rows.count) * fraction).rounded()))
            if rows.count - kept < max(2, kept) { kept = 0 }
            heldOut += rows[..<kept]
            training += rows[kept...]
        }
        self.init(training: training, heldOut: heldOut)
    }

    /// Holds out all pictures of about `fraction` of the classes, of at least two, and leaves at least two to train on; none
    /// where there are too few. Only classes with two pictures or more can be held out. The choice depends on `seed` alone.
    public init(holdingOutClassesOf labels: [Int], fraction: Double, seed: UInt64) {
        precondition((0..<1).contains(fraction), "held-out fraction \(fraction)")
        var generator = SeededGenerator(seed: seed, stream: 1)
        let classes = Self.members(labels)
        var candidates = classes.indices.filter { classes[$0].count > 1 }
        generator.shuffle(&candidates)
        let wanted = fraction == 0 ? 0 : max(2, Int((Double(classes.count) * fraction).rounded()))
        // Two classes at least that have pairs must remain to learn from.
        let count = wanted <= candidates.count - 2 ? wanted : 0
        let chosen = Set(candidates.prefix(count))
        self.init(
            training: classes.indices.filter { !chosen.contains($0) }.flatMap { classes[$0] },
            heldOut: chosen.flatMap { classes[$0] })
    }

    /// Holds out the rows in `heldOut`, of `count`.
    init(count: Int, heldOut: Set<Int>) {
        self.init(training: (0..<count).filter { !heldOut.contains($0) }, heldOut: Array(heldOut))
    }

    private init(training: [Int], heldOut: [Int], index: [Int]? = nil) {
        self.training = training.sorted()
        self.heldOut = heldOut.sorted()
        self.index = index?.sorted()
    }

    /// The same with the rows of `index` as what held-out rows are searched in; they no longer train.
    func searching(in index: Set<Int>) -> HeldOutSplit {
        HeldOutSplit(training: training.filter { !index.contains($0) }, heldOut: heldOut, index: Array(index))
    }

    /// The rows of each class, classes in the order of their numbers.
    private static func members(_ labels: [Int]) -> [[Int]] {
        Dictionary(grouping: labels.indices) { labels[$0] }.sorted { $0.key < $1.key }.map(\.value)
    }
}

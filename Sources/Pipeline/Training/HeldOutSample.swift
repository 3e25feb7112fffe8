import Tensors

/// Which held-out rows judge a head: all of them where measuring retrieval among them fits into memory.
struct HeldOutSample {
    /// Rows of the dataset, ascending.
    let rows: [Int]

    /// Keeps apart from other random choices of the same seed.
    private static let stream: UInt64 = 4

    /// All of `heldOut`, or as many as can be judged within `budget`: of every class about the same part, at least two
    /// pictures, so that each can find another, classes in an order that `seed` decides until there are enough.
    init(_ heldOut: [Int], labels: [Int], dimension: Int, budget: MemoryBudget, seed: UInt64) {
        precondition(heldOut.count == labels.count, "\(labels.count) labels for \(heldOut.count) rows")
        let classes = Dictionary(grouping: heldOut.indices) { labels[$0] }.sorted { $0.key < $1.key }.map(\.value)
        let fraction = Self.fraction(classes.map(\.count), dimension: dimension, budget: budget)
        guard fraction < 1 else {
            rows = heldOut
            return
        }
        let limit = Int(Double(heldOut.count) * fraction)
        var generator = SeededGenerator(seed: seed, stream: Self.stream)
        var chosen: [Int] = []
        for number in generator.permutation(classes.count) {
            var members = classes[number]
            generator.shuffle(&members)
            let count = max(2, Int(Double(members.count) * fraction))
            if chosen.count + count <= limit { chosen += members.prefix(count) }
        }
        rows = chosen.map { heldOut[$0] }.sorted()
    }

    /// The part of the rows that can be judged within `budget`. A row takes its feature, three more vectors while they are
    /// normalized, 256 scores, and a number for every row of its class: f n a + 8 f² s bytes for n rows with the sum s of
    /// squared class sizes.
    static func fraction(_ classSizes: [Int], dimension: Int, budget: MemoryBudget) -> Double {
        let linear = Double(classSizes.reduce(0, +)) * Double(4 * dimension * MemoryLayout<Float>.size + 1024)
        let square = 8 * classSizes.reduce(0.0) { $0 + Double($1) * Double($1) }
        guard linear + square > Double(budget.bytes) else { return 1 }
        // The positive root of square f² + linear f - budget, in the form that does not cancel.
        let bytes = Double(budget.bytes)
        return 2 * bytes / (linear + (linear * linear + 4 * square * bytes).squareRoot())
    }
}

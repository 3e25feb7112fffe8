import Tensors

/// Which pictures of each class train a head and which are kept aside to judge it.
public struct HeldOutSplit: Sendable, Hashable {
    /// Rows to train on, ascending.
    public let training: [Int]
    /// Rows to judge on, ascending; at least two of each class that has any, so that each can find another.
    public let heldOut: [Int]

    /// Holds out about `fraction` of every class that can spare it: at least two pictures, and only where at least as many
    /// remain for training. The choice depends on `seed` alone.
    public init(labels: [Int], fraction: Double, seed: UInt64) {
        precondition((0..<1).contains(fraction), "held-out fraction \(fraction)")
        var members: [Int: [Int]] = [:]
        for (row, label) in labels.enumerated() { members[label, default: []].append(row) }
        var generator = SeededGenerator(seed: seed, stream: 1)
        var training: [Int] = []
        var heldOut: [Int] = []
        for (_, rows) in members.sorted(by: { $0.key < $1.key }) {
            var rows = rows
            generator.shuffle(&rows)
            var kept = fraction == 0 ? 0 : max(2, Int((Double(rows.count) * fraction).rounded()))
            if rows.count - kept < max(2, kept) { kept = 0 }
            heldOut += rows[..<kept]
            training += rows[kept...]
        }
        self.training = training.sorted()
        self.heldOut = heldOut.sorted()
    }
}

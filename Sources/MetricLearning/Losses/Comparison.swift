/// What the rows of a batch, the anchors, are compared with: each other, or the rows of a memory.
public struct Comparison: Sendable, Hashable {
    /// The class of each anchor.
    public let labels: [Int]
    /// The class of each reference.
    public let referenceLabels: [Int]
    /// For each anchor the reference that is itself, which is no pair; nil where none is, or where it counts.
    public let own: [Int?]
    /// What a miner chose, as rows of anchors and references; nil for everything that the labels allow.
    public let tuples: MinedTuples?

    /// The rows of a batch compared with each other.
    public init(batch labels: [Int], tuples: MinedTuples? = nil) {
        self.init(labels: labels, referenceLabels: labels, own: labels.indices.map { $0 }, tuples: tuples)
    }

    /// A comparison from its parts.
    public init(labels: [Int], referenceLabels: [Int], own: [Int?], tuples: MinedTuples? = nil) {
        precondition(own.count == labels.count, "\(own.count) own rows for \(labels.count) labels")
        (self.labels, self.referenceLabels, self.own, self.tuples) = (labels, referenceLabels, own, tuples)
    }

    /// The same with what a miner chose.
    public func with(_ tuples: MinedTuples) -> Comparison {
        Comparison(labels: labels, referenceLabels: referenceLabels, own: own, tuples: tuples)
    }

    /// The references of an anchor's class without itself, and those of other classes, ascending.
    func partners(of anchor: Int) -> (positives: [Int], negatives: [Int]) {
        var (positives, negatives): ([Int], [Int]) = ([], [])
        let (label, own) = (labels[anchor], own[anchor])
        for (reference, other) in referenceLabels.enumerated() {
            if other != label { negatives.append(reference) } else if reference != own { positives.append(reference) }
        }
        return (positives, negatives)
    }
}

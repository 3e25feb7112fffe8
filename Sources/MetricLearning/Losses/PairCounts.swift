import Tensors

/// How often each pair of an anchor and a reference counts as a positive and as a negative one. A miner may choose a pair several
/// times: losses over pairs count it as often, losses over sets of pairs once.
struct PairCounts {
    /// `[anchors, references]` each.
    private(set) var positives, negatives: Matrix

    /// The pairs of `comparison`; each at most once where `isSet`.
    init(_ comparison: Comparison, isSet: Bool) {
        let (rows, columns) = (comparison.labels.count, comparison.referenceLabels.count)
        positives = Matrix(rows: rows, columns: columns)
        negatives = Matrix(rows: rows, columns: columns)
        switch comparison.tuples {
        case nil: addAll(comparison)
        case .pairs(let positive, let negative)?:
            for pair in positive { positives[pair.anchor, pair.other] += 1 }
            for pair in negative { negatives[pair.anchor, pair.other] += 1 }
        case .triplets(let triplets)?:
            for triplet in triplets {
                positives[triplet.anchor, triplet.positive] += 1
                negatives[triplet.anchor, triplet.negative] += 1
            }
        }
        if isSet, comparison.tuples != nil {
            Self.limitToOne(&positives)
            Self.limitToOne(&negatives)
        }
    }

    /// Whether there is any positive pair, or any negative one.
    var hasPositives: Bool { positives.elements.contains { $0 > 0 } }
    var hasNegatives: Bool { negatives.elements.contains { $0 > 0 } }

    private mutating func addAll(_ comparison: Comparison) {
        let columns = positives.columns
        positives.withUnsafeMutableElements { positives in
            negatives.withUnsafeMutableElements { negatives in
                Parallel.forEachRange(of: comparison.labels.count, length: 32) { anchors in
                    for anchor in anchors {
                        let (label, start) = (comparison.labels[anchor], anchor * columns)
                        for (reference, other) in comparison.referenceLabels.enumerated() {
                            positives[start + reference] = other == label ? 1 : 0
                            negatives[start + reference] = other == label ? 0 : 1
                        }
                        if let own = comparison.own[anchor] { positives[start + own] = 0 }
                    }
                }
            }
        }
    }

    private static func limitToOne(_ counts: inout Matrix) {
        counts.withUnsafeMutableElements { counts in
            for index in counts.indices { counts[index] = min(counts[index], 1) }
        }
    }
}

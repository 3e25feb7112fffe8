/// How much each row of a batch counts in a loss over classes, where a miner has chosen tuples (pytorch-metric-learning's
/// `convert_to_weights`): how often the row is in them, relative to the row that is in most; 1 for all without tuples.
struct RowWeights {
    let values: [Float]

    init(_ tuples: MinedTuples?, rows: Int) {
        var counts = [Float](repeating: 0, count: rows)
        switch tuples {
        case nil: break
        case .triplets(let triplets)?:
            for triplet in triplets {
                for row in [triplet.anchor, triplet.positive, triplet.negative] { counts[row] += 1 }
            }
        case .pairs(let positive, let negative)?:
            for pair in positive + negative {
                for row in [pair.anchor, pair.other] { counts[row] += 1 }
            }
        }
        let most = counts.max() ?? 0
        values = most == 0 ? [Float](repeating: 1, count: rows) : counts.map { $0 / most }
    }
}

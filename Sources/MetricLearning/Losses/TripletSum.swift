import Tensors

/// The losses of many triplets added up, with their derivatives by the distances.
struct TripletSum {
    /// The sum of the losses.
    private(set) var total = 0.0
    /// How many triplets were added.
    private(set) var tuples = 0
    /// How many of them have a loss above 0.
    private(set) var nonZero = 0
    /// The derivatives of `total` by the distances, `[batch, batch]`.
    private(set) var slopes: Matrix

    private let loss: TripletMarginLoss
    private let distances: Matrix

    init(loss: TripletMarginLoss, distances: Matrix) {
        self.loss = loss
        self.distances = distances
        slopes = Matrix(rows: distances.rows, columns: distances.columns)
    }

    /// Adds the given triplets.
    mutating func add(_ triplets: [Triplet]) {
        for triplet in triplets {
            let (anchor, positive, negative) = (triplet.anchor, triplet.positive, triplet.negative)
            let (own, other) = (distances[anchor, negative], distances[positive, negative])
            let share = ownShare(own, other)
            let (value, slope) = loss.term(distances[anchor, positive] - nearest(own, other) + loss.margin)
            total += Double(value)
            nonZero += value > 0 ? 1 : 0
            slopes[anchor, positive] += slope
            slopes[anchor, negative] -= slope * share
            if share < 1 { slopes[positive, negative] -= slope * (1 - share) }
        }
        tuples += triplets.count
    }

    /// Adds every triplet that `labels` allow, one anchor after the other, anchors in parallel.
    mutating func addAll(labels: [Int]) {
        let count = labels.count
        var members: [Int: [Int]] = [:]
        for (row, label) in labels.enumerated() { members[label, default: []].append(row) }
        var sums = [AnchorSum](repeating: AnchorSum(), count: count)
        let summand = self
        slopes.withUnsafeMutableElements { slopes in
            summand.distances.withUnsafeElements { distances in
                sums.withUnsafeMutableBufferPointer { sums in
                    Parallel.forEachRange(of: count, length: 4) { anchors in
                        for anchor in anchors {
                            let row = slopes.extracting(anchor * count..<(anchor + 1) * count)
                            let positives = members[labels[anchor], default: []].filter { $0 != anchor }
                            let negatives = (0..<count).filter { labels[$0] != labels[anchor] }
                            sums[anchor] = summand.sum(
                                anchor, positives, negatives, distances: distances, slopes: row)
                        }
                    }
                }
            }
        }
        // In the order of the anchors, so that the sum is the same however many threads there were.
        for sum in sums {
            total += sum.total
            tuples += sum.tuples
            nonZero += sum.nonZero
        }
    }

    private struct AnchorSum {
        var total = 0.0
        var tuples = 0
        var nonZero = 0
    }

    /// All triplets of one anchor. Writes only to the anchor's row of slopes: under `swap` the triplets (a, p, n) and
    /// (p, a, n) have the same loss, so each row takes the shares of both that fall on it.
    private func sum(
        _ anchor: Int, _ positives: [Int], _ negatives: [Int], distances: UnsafeBufferPointer<Float>,
        slopes: UnsafeMutableBufferPointer<Float>
    ) -> AnchorSum {
        let count = slopes.count
        let own = distances.extracting(anchor * count..<(anchor + 1) * count)
        var sum = AnchorSum(tuples: positives.count * negatives.count)
        for positive in positives {
            let others = distances.extracting(positive * count..<(positive + 1) * count)
            let reach = own[positive] + loss.margin
            var positiveSlope: Float = 0
            for negative in negatives {
                let (value, slope) = loss.term(reach - nearest(own[negative], others[negative]))
                guard value != 0 else { continue }
                sum.total += Double(value)
                sum.nonZero += value > 0 ? 1 : 0
                positiveSlope += slope
                let share = loss.swap ? 2 * ownShare(own[negative], others[negative]) : 1
                slopes[negative] -= slope * share
            }
            slopes[positive] += positiveSlope
        }
        return sum
    }

    /// The distance to the negative that counts: the anchor's own, or the smaller one under `swap`.
    @inline(__always)
    private func nearest(_ own: Float, _ other: Float) -> Float { loss.swap ? min(own, other) : own }

    /// How much of the derivative falls on the anchor's own distance: half at a tie, as `torch.min` shares it.
    @inline(__always)
    private func ownShare(_ own: Float, _ other: Float) -> Float {
        guard loss.swap else { return 1 }
        return own < other ? 1 : own == other ? 0.5 : 0
    }
}

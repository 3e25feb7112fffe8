import Tensors

/// The losses of many triplets added up, with their derivatives by the distances.
struct TripletSum {
    private var total = 0.0
    private var all = 0
    private var kept = 0
    /// The derivatives of `total` by the distances, `[anchors, references]`.
    private var slopes: Matrix

    private let loss: TripletMarginLoss
    private let distances: Matrix

    init(loss: TripletMarginLoss, distances: Matrix) {
        self.loss = loss
        self.distances = distances
        slopes = Matrix(rows: distances.rows, columns: distances.columns)
    }

    /// The losses as one number, with its derivatives.
    consuming func reduced() -> DistanceEvaluation {
        let factor = loss.reducer.factor(all: Double(all), kept: Double(kept))
        slopes.scale(by: Float(factor))
        return DistanceEvaluation(value: Float(total * factor), slopes: slopes)
    }

    /// Adds the given triplets.
    mutating func add(_ triplets: [Triplet]) {
        for triplet in triplets {
            let (anchor, positive, negative) = (triplet.anchor, triplet.positive, triplet.negative)
            let own = distances[anchor, negative]
            let other = loss.swap ? distances[positive, negative] : own
            let share = ownShare(own, other)
            let (value, slope) = loss.term(distances[anchor, positive] - nearest(own, other) + loss.margin)
            guard loss.reducer.keeps(value) else { continue }
            total += Double(value)
            kept += 1
            slopes[anchor, positive] += slope
            slopes[anchor, negative] -= slope * share
            if share < 1 { slopes[positive, negative] -= slope * (1 - share) }
        }
        all += triplets.count
    }

    /// Adds every triplet that the labels allow, anchors in parallel.
    mutating func addAll(_ comparison: Comparison) {
        let (count, width) = (distances.rows, distances.columns)
        var sums = [AnchorSum](repeating: AnchorSum(), count: count)
        let summand = self
        slopes.withUnsafeMutableElements { slopes in
            summand.distances.withUnsafeElements { distances in
                sums.withUnsafeMutableBufferPointer { sums in
                    Parallel.forEachRange(of: count, length: 4) { anchors in
                        for anchor in anchors {
                            let row = slopes.extracting(anchor * width..<(anchor + 1) * width)
                            sums[anchor] = summand.sum(
                                anchor, comparison.partners(of: anchor), distances: distances, slopes: row)
                        }
                    }
                }
            }
        }
        // In the order of the anchors, so that the sum is the same however many threads there were.
        for sum in sums {
            total += sum.total
            all += sum.all
            kept += sum.kept
        }
    }

    private struct AnchorSum {
        var total = 0.0
        var all = 0
        var kept = 0
    }

    private func sum(
        _ anchor: Int, _ partners: (positives: [Int], negatives: [Int]), distances: UnsafeBufferPointer<Float>,
        slopes: UnsafeMutableBufferPointer<Float>
    ) -> AnchorSum {
        let isPlain = !loss.swap && !loss.smooth && loss.reducer.isUnbounded
        let width = slopes.count
        return isPlain
            ? plainSum(partners, own: distances.extracting(anchor * width..<(anchor + 1) * width), slopes: slopes)
            : generalSum(anchor, partners, distances: distances, slopes: slopes)
    }

    /// All triplets of one anchor where the loss is `max(0, x)` and only what is above 0 counts: negatives are gathered once, so
    /// that the loop over them has no branch and runs in vectors.
    private func plainSum(
        _ partners: (positives: [Int], negatives: [Int]), own: UnsafeBufferPointer<Float>,
        slopes: UnsafeMutableBufferPointer<Float>
    ) -> AnchorSum {
        let far = partners.negatives.map { own[$0] }
        var pushes = [Float](repeating: 0, count: far.count)
        var sum = AnchorSum(all: partners.positives.count * far.count)
        far.withUnsafeBufferPointer { far in
            pushes.withUnsafeMutableBufferPointer { pushes in
                for positive in partners.positives {
                    let (total, active) = Self.violations(of: own[positive] + loss.margin, far, pushes)
                    sum.total += total
                    sum.kept += Int(active)
                    slopes[positive] += active
                }
            }
        }
        for (negative, push) in zip(partners.negatives, pushes) { slopes[negative] -= push }
        return sum
    }

    private typealias Lanes = SIMD16<Float>

    /// The sum of `max(0, reach - far)` and how many are above 0, each of which adds 1 to its push. What is not a number counts.
    private static func violations(
        of reach: Float, _ far: UnsafeBufferPointer<Float>, _ pushes: UnsafeMutableBufferPointer<Float>
    ) -> (total: Double, active: Float) {
        let whole = far.count - far.count % Lanes.scalarCount
        var (totals, counts) = (Lanes.zero, Lanes.zero)
        let (source, target) = (UnsafeRawBufferPointer(far), UnsafeMutableRawBufferPointer(pushes))
        for offset in stride(from: 0, to: whole * 4, by: Lanes.scalarCount * 4) {
            let violation = reach - source.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
            let isKept = violation .<= 0
            totals += violation.replacing(with: 0, where: isKept)
            let one = Lanes(repeating: 1).replacing(with: 0, where: isKept)
            counts += one
            let push = target.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
            target.storeBytes(of: push + one, toByteOffset: offset, as: Lanes.self)
        }
        var (total, active) = (Double(totals.sum()), counts.sum())
        for index in whole..<far.count where !(reach - far[index] <= 0) {
            total += Double(reach - far[index])
            active += 1
            pushes[index] += 1
        }
        return (total, active)
    }

    /// All triplets of one anchor. Writes only to the anchor's row of slopes: under `swap` the triplets (a, p, n) and
    /// (p, a, n) have the same loss, so each row takes the shares of both that fall on it.
    private func generalSum(
        _ anchor: Int, _ partners: (positives: [Int], negatives: [Int]), distances: UnsafeBufferPointer<Float>,
        slopes: UnsafeMutableBufferPointer<Float>
    ) -> AnchorSum {
        let width = slopes.count
        let own = distances.extracting(anchor * width..<(anchor + 1) * width)
        var sum = AnchorSum(all: partners.positives.count * partners.negatives.count)
        for positive in partners.positives {
            let others = loss.swap ? distances.extracting(positive * width..<(positive + 1) * width) : own
            let reach = own[positive] + loss.margin
            var pull: Float = 0
            for negative in partners.negatives {
                let (value, slope) = loss.term(reach - nearest(own[negative], others[negative]))
                guard loss.reducer.keeps(value) else { continue }
                sum.total += Double(value)
                sum.kept += 1
                pull += slope
                slopes[negative] -= slope * (loss.swap ? 2 * ownShare(own[negative], others[negative]) : 1)
            }
            slopes[positive] += pull
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

extension LossReducer {
    /// Whether no loss is too large or too small to count but those that are not above 0.
    fileprivate var isUnbounded: Bool {
        switch self {
        case .mean, .sum, .averageNonZero: true
        case .threshold: false
        }
    }
}

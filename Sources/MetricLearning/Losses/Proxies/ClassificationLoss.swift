public import Tensors

/// Losses that classify by the cosine to weights of each class: cross entropy of `scale * cosine`, with a margin on the own
/// class's. `ArcFaceLoss`, `SubCenterArcFaceLoss`, `CosFaceLoss` and `NormalizedSoftmaxLoss` of pytorch-metric-learning.
public struct ClassificationLoss: MetricLoss {
    /// The weights, one row a class, or several centers of a class one after the other: `[classes * centers, dimension]`, which
    /// is the transposed of PML's.
    public var parameters: [Matrix]
    /// The number of centers of a class; the nearest counts.
    public let centers: Int
    /// What cosines are multiplied by.
    public let scale: Float
    /// How the rows' losses become one number.
    public let reducer: LossReducer

    private let margin: AngularMargin

    private static let stream: UInt64 = 5

    private init(
        classes: Int, dimension: Int, centers: Int = 1, _ margin: AngularMargin, scale: Float, reducer: LossReducer,
        seed: UInt64
    ) {
        precondition(classes > 0 && dimension > 0 && centers > 0, "\(classes) classes of \(dimension) dimensions")
        var generator = SeededGenerator(seed: seed, stream: Self.stream)
        parameters = [
            Matrix(
                rows: classes * centers, columns: dimension, elements: generator.normals(classes * centers * dimension))
        ]
        (self.centers, self.margin, self.scale, self.reducer) = (centers, margin, scale, reducer)
    }

    /// `ArcFaceLoss` (Deng et al. 2019): an angular margin, in degrees. Weights are drawn from N(0, 1); the defaults are PML's.
    public static func arcFace(
        classes: Int, dimension: Int, marginDegrees: Float = 28.6, scale: Float = 64, reducer: LossReducer = .mean,
        seed: UInt64
    ) -> ClassificationLoss {
        ClassificationLoss(
            classes: classes, dimension: dimension, .angle(marginDegrees * .pi / 180), scale: scale, reducer: reducer,
            seed: seed)
    }

    /// `SubCenterArcFaceLoss` (Deng et al. 2020): the same with several centers a class.
    public static func subCenterArcFace(
        classes: Int, dimension: Int, centers: Int = 3, marginDegrees: Float = 28.6, scale: Float = 64,
        reducer: LossReducer = .mean, seed: UInt64
    ) -> ClassificationLoss {
        ClassificationLoss(
            classes: classes, dimension: dimension, centers: centers, .angle(marginDegrees * .pi / 180), scale: scale,
            reducer: reducer, seed: seed)
    }

    /// `CosFaceLoss` (Wang et al. 2018): a margin on the cosine.
    public static func cosFace(
        classes: Int, dimension: Int, margin: Float = 0.35, scale: Float = 64, reducer: LossReducer = .mean,
        seed: UInt64
    ) -> ClassificationLoss {
        ClassificationLoss(
            classes: classes, dimension: dimension, .cosine(margin), scale: scale, reducer: reducer, seed: seed)
    }

    /// `NormalizedSoftmaxLoss` (Zhai and Wu 2019): no margin, cosines divided by a temperature.
    public static func normalizedSoftmax(
        classes: Int, dimension: Int, temperature: Float = 0.05, reducer: LossReducer = .mean, seed: UInt64
    ) -> ClassificationLoss {
        ClassificationLoss(
            classes: classes, dimension: dimension, .none, scale: 1 / temperature, reducer: reducer, seed: seed)
    }

    /// The loss and its derivatives. What a miner chose becomes a weight of each row.
    public func evaluate(embeddings: Matrix, labels: [Int], tuples: MinedTuples?) -> LossEvaluation {
        let cosines = ClassCosines(embeddings, parameters[0])
        let (nearest, chosen) = nearestCenters(cosines.values)
        var logits = nearest
        var slopes = [Float](repeating: 1, count: labels.count)
        for (row, label) in labels.enumerated() {
            let moved = margin.applied(to: logits[row, label])
            logits[row, label] = moved.value
            slopes[row] = moved.slope
        }
        logits.scale(by: scale)
        let value = CrossEntropy.evaluate(
            &logits, labels: labels, weights: RowWeights(tuples, rows: labels.count), reducer)
        logits.scale(by: scale)
        for (row, label) in labels.enumerated() { logits[row, label] *= slopes[row] }
        return cosines.evaluation(value: value, slopes: spread(logits, to: chosen))
    }

    /// The cosine to the nearest center of each class, and which it is; the first of equals.
    private func nearestCenters(_ cosines: Matrix) -> (values: Matrix, chosen: [Int]) {
        guard centers > 1 else { return (cosines, []) }
        let classes = cosines.columns / centers
        var chosen: [Int] = []
        let values = (0..<cosines.rows).flatMap { row in
            (0..<classes).map { label in
                let columns = label * centers..<(label + 1) * centers
                let best = columns.dropFirst().reduce(columns.lowerBound) {
                    cosines[row, $1] > cosines[row, $0] ? $1 : $0
                }
                chosen.append(best)
                return cosines[row, best]
            }
        }
        return (Matrix(rows: cosines.rows, columns: classes, elements: values), chosen)
    }

    /// Derivatives by classes as those by centers.
    private func spread(_ slopes: Matrix, to chosen: [Int]) -> Matrix {
        guard centers > 1 else { return slopes }
        var spread = Matrix(rows: slopes.rows, columns: slopes.columns * centers)
        for row in 0..<slopes.rows {
            for label in 0..<slopes.columns { spread[row, chosen[row * slopes.columns + label]] = slopes[row, label] }
        }
        return spread
    }
}

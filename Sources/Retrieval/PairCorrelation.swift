import Foundation

/// How well the cosines of pairs follow scores that were given.
public struct PairCorrelation: Sendable, Hashable, Codable {
    /// How many pairs were judged.
    public let pairs: Int
    /// Spearman's rank correlation, -1...1, ties with the mean of their ranks (scipy.stats.spearmanr; the main metric of
    /// sentence-transformers' EmbeddingSimilarityEvaluator).
    public let spearman: Double
    /// Pearson's correlation, -1...1 (scipy.stats.pearsonr).
    public let pearson: Double
    /// The mean squared difference of cosine and score.
    public let meanSquaredError: Double

    /// Judges `cosines` by `scores`, one a pair. A correlation is 0 where one of the two does not vary.
    public init(cosines: [Float], scores: [Float]) {
        precondition(cosines.count == scores.count, "\(cosines.count) cosines, \(scores.count) scores")
        let (values, wanted) = (cosines.map(Double.init), scores.map(Double.init))
        pairs = values.count
        pearson = Self.correlation(values, wanted)
        spearman = Self.correlation(Self.ranks(values), Self.ranks(wanted))
        let errors = zip(values, wanted).map { ($0 - $1) * ($0 - $1) }
        meanSquaredError = errors.reduce(0, +) / Double(max(1, pairs))
    }

    /// Pearson's correlation.
    private static func correlation(_ left: [Double], _ right: [Double]) -> Double {
        let count = Double(max(1, left.count))
        let (leftMean, rightMean) = (left.reduce(0, +) / count, right.reduce(0, +) / count)
        var (both, leftSquares, rightSquares) = (0.0, 0.0, 0.0)
        for (x, y) in zip(left, right) {
            both += (x - leftMean) * (y - rightMean)
            leftSquares += (x - leftMean) * (x - leftMean)
            rightSquares += (y - rightMean) * (y - rightMean)
        }
        let scale = (leftSquares * rightSquares).squareRoot()
        return scale > 0 ? both / scale : 0
    }

    /// The rank of each value, from 1; equal ones have the mean of theirs.
    private static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in order[start..<end] { ranks[place] = Double(start + 1 + end) / 2 }
            start = end
        }
        return ranks
    }
}

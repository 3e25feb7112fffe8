import Foundation
import Tensors

/// The metric that says which epoch of a training is the best, by its name: `map@r`, `map`, `mrr`, `r-precision`, `loss`, or, at
/// 1, 5, 10 or 20 items, `precision@k`, `recall@k` (how often any relevant item is among the first k, as in the papers on metric
/// learning; also `hit@k`), `f1@k` and `ndcg@k`.
public struct MonitoredMetric: Sendable, Hashable {
    private enum Kind: Hashable {
        case whole(String)
        case cutoff(String, Int)
    }

    private let kind: Kind
    private let name: String

    private static let wholes = ["map@r", "map", "mrr", "r-precision", "loss"]
    private static let cutoffs = ["precision", "recall", "hit", "f1", "ndcg"]

    /// Reads a name. Throws `InputError` with the known ones for another.
    public init(_ name: String) throws {
        self.name = name
        if Self.wholes.contains(name) {
            kind = .whole(name)
            return
        }
        let parts = name.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.cutoffs.contains(String(parts[0])), let k = Int(parts[1]),
            CutoffMetrics.cutoffs.contains(k), String(k) == parts[1]
        else {
            let known = Self.wholes + Self.cutoffs.map { "\($0)@k" }
            throw InputError(
                "metric '\(name)'", "is not known",
                remedy: "Choose one of \(known.joined(separator: ", ")), for k one of 1, 5, 10 and 20.")
        }
        kind = .cutoff(String(parts[0]), k)
    }

    /// Whether larger is better: of all but the loss.
    public var isLargerBetter: Bool { kind != .whole("loss") }

    /// Whether `value` is better than `other`.
    public func isBetter(_ value: Double, than other: Double) -> Bool {
        isLargerBetter ? value > other : value < other
    }

    /// The metric's value; nil for the loss where none is given.
    public func value(of metrics: RetrievalMetrics, loss: Double?) -> Double? {
        switch kind {
        case .whole("map@r"): return metrics.meanAveragePrecisionAtR
        case .whole("map"): return metrics.meanAveragePrecision
        case .whole("mrr"): return metrics.meanReciprocalRank
        case .whole("r-precision"): return metrics.rPrecision
        case .whole: return loss
        case .cutoff(let name, let k):
            guard let cutoff = metrics.cutoffs?.first(where: { $0.k == k }) else { return nil }
            switch name {
            case "precision": return cutoff.precision
            case "f1": return cutoff.f1
            case "ndcg": return cutoff.ndcg
            default: return cutoff.hit
            }
        }
    }
}

extension MonitoredMetric: CustomStringConvertible {
    /// The name.
    public var description: String { name }
}

import Synchronization
import Tensors

/// Intervals in which the metrics of a retrieval lie, or their changes.
public struct MetricIntervals: Sendable, Hashable, Codable {
    /// The part of the draws that an interval holds.
    public let level: Double
    /// How many draws were made.
    public let samples: Int
    /// The lower and the upper end by the names that `RetrievalMetrics` has in JSON.
    public let intervals: [String: [Double]]

    /// The metrics that have intervals, and their values of one query.
    static let metrics: [(name: String, value: @Sendable (RelevantRanks) -> Double)] = [
        ("precision@1", { $0.ranks[0] == 1 ? 1 : 0 }), ("recall@5", { $0.ranks[0] <= 5 ? 1 : 0 }),
        ("recall@10", { $0.ranks[0] <= 10 ? 1 : 0 }), ("r_precision", { $0.rPrecision }),
        ("map@r", { $0.averagePrecisionAtR }), ("mrr", { $0.reciprocalRank }), ("map", { $0.averagePrecision }),
    ]

    /// Intervals from the values of every query, for each of `metrics`. Draws have streams of their own, so that the same seed gives
    /// the same intervals with any number of threads.
    init(_ values: [[Double]], level: Double, samples: Int, seed: UInt64) {
        precondition(level > 0 && level < 1 && samples > 0, "\(samples) draws for intervals of \(level)")
        let count = values[0].count
        var means = [Double](repeating: 0, count: samples * values.count)
        means.withUnsafeMutableBufferPointer { means in
            nonisolated(unsafe) let means = means
            Parallel.forEachRange(of: samples, length: 8) { range in
                for sample in range {
                    var generator = SeededGenerator(seed: seed, stream: UInt64(sample))
                    for _ in 0..<count {
                        let query = generator.index(below: count)
                        for metric in values.indices { means[metric * samples + sample] += values[metric][query] }
                    }
                }
            }
        }
        let cut = (1 - level) / 2
        let ends = values.indices.map { metric in
            let sorted = means[metric * samples..<(metric + 1) * samples].map { $0 / Double(count) }.sorted()
            return [Self.quantile(cut, of: sorted), Self.quantile(1 - cut, of: sorted)]
        }
        self.init(level: level, samples: samples, ends)
    }

    private init(level: Double, samples: Int, _ ends: [[Double]]) {
        (self.level, self.samples) = (level, samples)
        intervals = Dictionary(uniqueKeysWithValues: zip(Self.metrics.map(\.name), ends))
    }

    /// Between the two nearest values in proportion, as NumPy's `quantile` does.
    static func quantile(_ part: Double, of sorted: [Double]) -> Double {
        let place = part * Double(sorted.count - 1)
        let low = Int(place)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }

    /// The interval of a metric by its name; nil for one that has none.
    public subscript(name: String) -> ClosedRange<Double>? { intervals[name].map { $0[0]...$0[1] } }
}

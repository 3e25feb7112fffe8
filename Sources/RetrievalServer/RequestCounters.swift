import Synchronization

/// How many requests were answered and how long that took, as Prometheus reads it.
final class RequestCounters: Sendable {
    private struct Counts {
        var byStatus: [Int: Int] = [:]
        var buckets = [Int](repeating: 0, count: RequestCounters.bounds.count)
        var (count, seconds) = (0, 0.0)
    }

    private static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    private let counts = Mutex(Counts())

    func count(status: Int, seconds: Double) {
        counts.withLock { counts in
            counts.byStatus[status, default: 0] += 1
            counts.count += 1
            counts.seconds += seconds
            for (place, bound) in Self.bounds.enumerated() where seconds <= bound { counts.buckets[place] += 1 }
        }
    }

    /// The text exposition format, version 0.0.4, with what else is known of the store.
    func text(gauges: [(name: String, help: String, value: Int)]) -> String {
        let counts = counts.withLock { $0 }
        var lines = [
            "# HELP finetuner_cache_requests_total Requests by status.",
            "# TYPE finetuner_cache_requests_total counter",
        ]
        lines += counts.byStatus.sorted { $0.key < $1.key }.map {
            "finetuner_cache_requests_total{status=\"\($0)\"} \($1)"
        }
        let name = "finetuner_cache_request_seconds"
        lines += ["# HELP \(name) How long requests took.", "# TYPE \(name) histogram"]
        lines += zip(Self.bounds, counts.buckets).map { "\(name)_bucket{le=\"\($0)\"} \($1)" }
        lines += [
            "\(name)_bucket{le=\"+Inf\"} \(counts.count)", "\(name)_sum \(counts.seconds)",
            "\(name)_count \(counts.count)",
        ]
        for gauge in gauges {
            lines += [
                "# HELP \(gauge.name) \(gauge.help)", "# TYPE \(gauge.name) gauge", "\(gauge.name) \(gauge.value)",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

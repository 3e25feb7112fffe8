import Retrieval
import Tensors

/// What a metric must not be below.
struct MetricBound {
    private let metric: MonitoredMetric
    private let value: Double

    /// Reads `map@r=0.6`. Throws `InputError` where it is something else.
    init(_ text: String) throws {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let value = Double(parts[1]), (0...1).contains(value), parts[0] != "loss" else {
            throw InputError(
                "--fail-under \(text)", "is no metric with a value from 0 to 1", remedy: "Give it as map@r=0.6.")
        }
        (metric, self.value) = (try MonitoredMetric(parts[0]), value)
    }

    /// Whether the metric is that large.
    func isMet(by metrics: RetrievalMetrics) -> Bool { metric.value(of: metrics, loss: nil) ?? 0 >= value }

    /// What to say where it is not.
    func failure(_ metrics: RetrievalMetrics) -> String {
        "\(metric) is \(Formats.metric(metric.value(of: metrics, loss: nil) ?? 0)), below \(value)"
    }
}

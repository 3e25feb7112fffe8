import MetricLearning
import Pipeline
import Retrieval

/// What the trials of a sweep gave.
enum SweepSummary {
    /// A trial as JSON has it.
    struct Entry: Encodable {
        let loss: String
        let learningRate: Double
        let kept: KeptHead?
        let epochs: Int?
        let seconds: Double
        let metrics: RetrievalMetrics?
        let error: String?

        init(_ trial: HeadSweep.Trial) {
            (loss, learningRate) = (trial.settings.loss.description, trial.settings.baseRate)
            (kept, epochs) = (trial.result?.kept, trial.result?.losses.count)
            (seconds, metrics) = (trial.seconds, trial.result?.after)
            if case .failure(let failure) = trial.outcome { error = "\(failure)" } else { error = nil }
        }
    }

    /// A line for each trial; the best is marked.
    static func text(_ trials: [HeadSweep.Trial], best: Int) -> String {
        var table = TextTable([
            ("loss", .left), ("learning rate", .right), ("map@r", .right), ("precision@1", .right), ("epochs", .right),
            ("kept", .left), ("", .left),
        ])
        for (number, trial) in trials.enumerated() {
            let entry = Entry(trial)
            table.add([
                entry.loss, "\(entry.learningRate)",
                entry.metrics.map { Formats.metric($0.meanAveragePrecisionAtR) } ?? "-",
                entry.metrics.map { Formats.metric($0.precisionAt1) } ?? "-", entry.epochs.map { "\($0)" } ?? "-",
                entry.kept?.description ?? entry.error ?? "", number == best ? "best" : "",
            ])
        }
        return table.text + "\n"
    }
}

import FeatureStorage
import MetricLearning
import Retrieval
import Tensors

/// Measures retrieval among held-out pictures. Their features are in memory only while it does.
struct HeldOutJudge {
    private let plan: TrainingPlan
    private let rows: [Int]

    /// A judge on the rows `heldOut` of the plan's dataset, or on a sample of them where the budget takes no more: then
    /// `announce` is told.
    init(_ plan: TrainingPlan, heldOut: [Int], settings: HeadTrainer.Settings, announce: (String) -> Void) {
        let budget = settings.memory.map { MemoryBudget(bytes: $0) } ?? .standard
        let dimension = max(plan.dataset.space.dimension, settings.outputDimension)
        let sample = HeldOutSample(
            heldOut, labels: plan.dataset.labels(of: heldOut), dimension: dimension, budget: budget,
            seed: settings.seed)
        self.plan = plan
        rows = sample.rows
        if rows.count < heldOut.count {
            announce(
                "retrieval is measured on \(rows.count) of the \(heldOut.count) held-out pictures: \(budget) of memory take no more"
            )
        }
    }

    /// Whether there are rows to judge on.
    var hasRows: Bool { !rows.isEmpty }

    /// The rows' features and classes; nil where there are none.
    func features() throws -> (features: Matrix, labels: [Int])? {
        guard !rows.isEmpty else { return nil }
        return (try plan.dataset.features(of: rows, threads: plan.threads), plan.dataset.labels(of: rows))
    }

    /// Retrieval among the rows with `head`, or the raw features; nil where there are none.
    func metrics(_ head: ProjectionHead?) throws -> RetrievalMetrics? {
        guard let (features, labels) = try features() else { return nil }
        return try Evaluator(head: head).metrics(of: features, labels: labels)
    }
}

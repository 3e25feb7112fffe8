import FeatureStorage
import MetricLearning
import Retrieval
import Tensors

/// Measures retrieval of held-out pictures, among each other or in an index of their own. Their features are in memory only while
/// it does.
struct HeldOutJudge {
    private let plan: TrainingPlan
    /// What is searched for, and in what.
    let sets: EvaluationSets

    /// A judge on the pictures that `split` holds out of the plan's dataset, or on a sample of the queries where the budget takes
    /// no more: then `announce` is told. Throws `InputError` where it does not take the index.
    init(
        _ plan: TrainingPlan, _ split: HeldOutSplit, settings: HeadTrainer.Settings, announce: (String) -> Void
    ) throws {
        let budget = settings.memory.map { MemoryBudget(bytes: $0) } ?? .standard
        let dimension = max(plan.dataset.space.dimension, settings.outputDimension)
        let left = try Self.budget(budget, behind: split.index?.count ?? 0, dimension: dimension)
        let sample = HeldOutSample(
            split.heldOut, labels: plan.dataset.labels(of: split.heldOut), dimension: dimension, budget: left,
            seed: settings.seed)
        self.plan = plan
        sets = split.index.map { EvaluationSets(queries: sample.rows, index: $0) } ?? EvaluationSets(sample.rows)
        if sample.rows.count < split.heldOut.count {
            announce(
                """
                retrieval is measured on \(sample.rows.count) of the \(split.heldOut.count) held-out pictures: \(budget) \
                of memory take no more
                """)
        }
    }

    /// What an index of `count` pictures leaves of a budget: each takes its feature and three more vectors while they are
    /// normalized.
    private static func budget(_ budget: MemoryBudget, behind count: Int, dimension: Int) throws -> MemoryBudget {
        let bytes = count * 4 * dimension * MemoryLayout<Float>.size
        guard bytes <= budget.bytes / 2 else {
            throw InputError(
                "--validation-index", "has \(count) pictures, for which \(budget) of memory are too little",
                remedy: "Give --memory \((2 * bytes + (1 << 20) - 1) >> 20)M or more, or fewer pictures.")
        }
        return MemoryBudget(bytes: budget.bytes - bytes)
    }

    /// Whether there are pictures to judge on.
    var hasRows: Bool { !sets.queries.isEmpty }

    /// The features of all that takes part; nil where there is nothing to judge on.
    func features() throws -> Matrix? {
        hasRows ? try plan.dataset.features(of: sets.rows, threads: plan.threads) : nil
    }

    /// Retrieval with a vector for each of the rows that take part.
    func metrics(of vectors: Matrix) throws -> RetrievalMetrics {
        try sets.metrics(of: vectors, labels: plan.dataset.labels(of: sets.rows))
    }

    /// Retrieval with `head`, or the raw features; nil where there is nothing to judge on.
    func metrics(_ head: ProjectionHead?) throws -> RetrievalMetrics? {
        guard let features = try features() else { return nil }
        return try metrics(of: head?.embeddings(of: features) ?? features)
    }

    /// What `count` of the queries find before and after training to `head`.
    func examples(_ count: Int, head: ProjectionHead, seed: UInt64) throws -> [RetrievalExample] {
        guard count > 0, let features = try features() else { return [] }
        let dataset = plan.dataset
        return RetrievalExample.examples(
            count, of: sets, features: features, head: head,
            labels: dataset.labels(of: sets.rows).map { dataset.classNames[$0] },
            pictures: try dataset.pictures(of: sets.rows), seed: seed)
    }
}

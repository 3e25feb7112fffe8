import FeatureStorage
import Hummingbird
import Pipeline
import Retrieval
import Synchronization
import Tensors

/// How well a head finds each class, and which it takes for others: every labelled picture searched among all others.
struct EvaluationRoutes {
    let keeper: GalleryKeeper
    let work: WorkPool

    func add(to group: RouterGroup<BasicRequestContext>) {
        group.get("heads/:name/evaluation") { [self] _, context in
            let name = try context.parameters.require("name")
            return try Response.json(
                try await work.run { [keeper] in try EvaluationAnswer(head: name, in: keeper.gallery()) })
        }
    }
}

private struct EvaluationAnswer: Encodable, Sendable {
    struct Class: Encodable {
        let label: String
        let queries: Int
        let raw, head: Double
    }
    /// How the head changes a metric, and where the change lies with other queries of the same kind.
    struct Change: Encodable {
        let change: Double
        let low, high: Double?
    }
    struct Confusion: Encodable {
        let label, takenFor: String
        let count: Int
    }
    let queries: Int
    let metrics: [String: [String: Double]]
    let changes: [String: Change]
    let classes: [Class]
    let confusions: [Confusion]

    private static let mostConfusions = 50
    /// Beyond, comparing all with all takes too long for a page that waits.
    private static let mostPictures = 100_000

    init(head name: String, in gallery: Gallery) throws {
        let data = try LabeledFeatures(store: gallery.store, space: gallery.space)
        guard data.classNames.count > 1, data.count <= Self.mostPictures else {
            throw ServerError.wrong(
                "\(data.count) pictures of \(data.classNames.count) labels cannot be evaluated here.",
                remedy: "Use finetuner-cache evaluate.")
        }
        let head = try gallery.choice(of: name)
        let all = Array(0..<data.count)
        let before = try Evaluator(head: nil).evaluated(data, queries: all, in: all, wantsConfusions: false)
        let after = try Evaluator(head: head.loaded?.head).evaluated(data, queries: all, in: all, wantsConfusions: true)
        queries = after.retrieval.metrics.queries
        let (old, new) = (before.retrieval.metrics.named, after.retrieval.metrics.named)
        metrics = ["raw": old, "head": new]
        let intervals = after.retrieval.intervals(ofChangesFrom: before.retrieval)
        changes = Dictionary(
            uniqueKeysWithValues: new.map { name, value in
                let interval = intervals[name]
                return (
                    name,
                    Change(change: value - (old[name] ?? 0), low: interval?.lowerBound, high: interval?.upperBound)
                )
            })
        let raw = before.retrieval.byClass
        classes = after.retrieval.byClass.map { label, metrics in
            Class(
                label: data.classNames[label], queries: metrics.queries, raw: raw[label]?.precisionAt1 ?? 0,
                head: metrics.precisionAt1)
        }.sorted { ($0.head, $0.label) < ($1.head, $1.label) }
        confusions = after.confusions.prefix(Self.mostConfusions).map {
            Confusion(label: data.classNames[$0.pair.label], takenFor: data.classNames[$0.pair.found], count: $0.count)
        }
    }
}

public import FeatureStorage
import Foundation
public import MetricLearning
import Retrieval
import Tensors

/// What a report says of a head: how it was trained, how well it finds every labelled picture among all others, and examples.
public struct HeadReport: Sendable {
    /// A query and what it finds with the raw features and with the head.
    struct Example: Sendable {
        /// Why it is shown.
        let reason: String
        let query: String
        let label: String
        /// Average precision over as many pictures as there are to find, before and after.
        let change: (before: Double, after: Double)
        let before, after: [FoundPicture]
    }

    let store: StoreSummary
    let space: FeatureSpace
    let record: HeadRecord
    /// The folders and lists that the pictures came from.
    public let roots: [String]
    let classNames: [String]
    let raw, head: EvaluatedRetrieval
    let confusions: [Confusion]
    let examples: [Example]

    private static let neighborCount = 6

    /// Evaluates the head of `record` on the space of `store`, and chooses `count` examples of each kind, the random ones by `seed`. Throws
    /// `InputError` where fewer than two labels are there.
    public init(
        _ record: HeadRecord, head: ProjectionHead, store: FeatureStore, space: FeatureSpace, examples count: Int,
        seed: UInt64
    ) throws {
        let data = try LabeledFeatures(store: store, space: space)
        guard data.classNames.count > 1 else {
            throw InputError(
                "store", "has \(data.classNames.count) labels; a report needs two",
                remedy: "Build from a folder with one folder a label.")
        }
        let all = Array(0..<data.count)
        let before = try Evaluator(head: nil).evaluated(data, queries: all, in: all)
        let after = try Evaluator(head: head).evaluated(data, queries: all, in: all, wantsConfusions: true)
        (raw, self.head, confusions) = (before.retrieval, after.retrieval, after.confusions)
        (self.store, self.space, self.record, classNames) = (try store.summary(), space, record, data.classNames)
        roots = Set(try store.pictures(in: space).map(\.root)).sorted()
        examples = Self.examples(count, data, head, before.retrieval, after.retrieval, seed)
    }

    /// Queries that the head improves most, those that it makes worst, and some at random.
    private static func examples(
        _ count: Int, _ data: LabeledFeatures, _ head: ProjectionHead, _ before: EvaluatedRetrieval,
        _ after: EvaluatedRetrieval, _ seed: UInt64
    ) -> [Example] {
        let (old, new) = (before.averagePrecisionsAtR, after.averagePrecisionsAtR)
        let order = old.indices.sorted { (new[$0] - old[$0], $0) < (new[$1] - old[$1], $1) }
        var generator = SeededGenerator(seed: seed)
        let random = Array(generator.permutation(old.count).prefix(count))
        let chosen =
            order.reversed().prefix(count).map { ($0, "improved most") }
            + order.prefix(count).map { ($0, "made worst") }
            + random.map { ($0, "at random") }
        let rows = chosen.map { before.queries[$0.0] }
        let found = [data.features, head.embeddings(of: data.features)].map { neighbors(of: rows, in: $0, data) }
        return chosen.enumerated().map { position, chosen in
            let row = rows[position]
            return Example(
                reason: chosen.1, query: data.paths[row], label: data.classNames[data.labels[row]],
                change: (old[chosen.0], new[chosen.0]), before: found[0][position], after: found[1][position])
        }
    }

    private static func neighbors(of rows: [Int], in vectors: Matrix, _ data: LabeledFeatures) -> [[FoundPicture]] {
        ExactIndex(vectors).search(vectors.rows(at: rows), k: neighborCount, excluding: rows).map { found in
            found.enumerated().map { position, neighbor in
                FoundPicture(
                    rank: position + 1, score: neighbor.score, label: data.classNames[data.labels[neighbor.index]],
                    path: data.paths[neighbor.index], id: data.contents[neighbor.index])
            }
        }
    }
}

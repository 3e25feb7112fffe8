import FeatureStorage
import Foundation
import Hummingbird
import MetricLearning
import Pipeline
import Retrieval
import Tensors

/// What the store holds, its failures and its duplicates.
struct StoreRoutes {
    let keeper: GalleryKeeper
    let work: WorkPool
    /// For what may take seconds.
    let slow: WorkPool

    func add(to group: RouterGroup<BasicRequestContext>) {
        group.get("store") { [self] _, _ in try await answer { try StoreAnswer($0) } }
        group.get("failures") { [self] request, _ in
            let query = QueryParameters(request)
            let (offset, limit) = (
                try query.integer("offset", 0...Int.max, 0), try query.integer("limit", 1...1000, 50)
            )
            return try await answer { gallery in
                let failures = try gallery.store.failures(in: gallery.space)
                return FailureAnswer(
                    total: failures.count,
                    failures: failures.dropFirst(offset).prefix(limit).map { .init(path: $0.path, reason: $0.reason) })
            }
        }
        group.get("duplicates") { [self] request, _ in
            let threshold = try QueryParameters(request).number("threshold", 0.5...1, 0.97)
            return try Response.json(
                try await slow.run { [keeper] in try DuplicateAnswer(keeper.gallery(), threshold: threshold) })
        }
    }

    private func answer(_ make: @escaping @Sendable (Gallery) throws -> some Encodable & Sendable) async throws
        -> Response
    {
        try Response.json(try await work.run { [keeper] in try make(keeper.gallery()) })
    }
}

private struct FailureAnswer: Encodable {
    struct Failure: Encodable { let path, reason: String }
    let total: Int
    let failures: [Failure]
}

private struct DuplicateAnswer: Encodable {
    struct Group: Encodable {
        let similarity: Float
        let pictures: [PictureAnswer]
    }
    let threshold: Double
    let groups: [Group]

    init(_ gallery: Gallery, threshold: Double) throws {
        self.threshold = threshold
        let found = try DuplicateGroups(
            gallery.search("none"), in: gallery.store, threshold: Float(threshold), interruption: Interruption()
        ) { _ in }
        groups = (found?.groups ?? []).map { group in
            Group(
                similarity: group.map(\.score).min() ?? 1,
                pictures: group.map { PictureAnswer(id: $0.id.hex, path: $0.path, label: $0.label, split: nil) })
        }
    }
}

/// `GET /store`.
private struct StoreAnswer: Encodable {
    struct Space: Encodable {
        let name, fingerprint: String
        let dimension, features, deadRows, storedBytes, float32Bytes: Int
    }
    struct Head: Encodable {
        let name, loss, kept: String
        let inputDimension, outputDimension: Int
        let finished: Date
        let before, after: [String: Double]?
        let beatsRaw: Bool
    }
    let schema = 1
    let name, uuid, space, defaultHead: String
    let pictures, contents, unlabeled, segmentBytes, indexBytes, failures: Int
    let labels, splits: [String: Int]
    let spaces: [Space]
    let heads: [Head]

    init(_ gallery: Gallery) throws {
        let store = gallery.store
        let summary = try store.summary()
        name = URL(fileURLWithPath: store.path).lastPathComponent
        (uuid, space) = (summary.uuid, gallery.space.fingerprint.hex)
        (pictures, contents, unlabeled) = (summary.pictures, summary.contents, summary.unlabeled)
        (segmentBytes, indexBytes, failures) = (summary.segmentBytes, summary.indexBytes, summary.failures)
        (labels, splits) = (summary.labels, summary.splits)
        spaces = try store.spaces().map {
            Space(
                name: $0.space.name, fingerprint: $0.space.fingerprint.hex, dimension: $0.space.dimension,
                features: $0.rows, deadRows: $0.deadRows, storedBytes: $0.storedBytes, float32Bytes: $0.rawBytes)
        }
        let library = HeadLibrary(store: store)
        heads = try library.records().filter { $0.space == gallery.space.fingerprint }.map {
            Head(
                name: $0.name, loss: $0.settings.loss.description, kept: $0.kept.description,
                inputDimension: $0.inputDimension, outputDimension: $0.outputDimension, finished: $0.finished,
                before: $0.before?.named, after: $0.after?.named, beatsRaw: $0.beatsRawFeatures)
        }
        defaultHead = try HeadChoice(option: nil, library: library, space: gallery.space).name
    }
}

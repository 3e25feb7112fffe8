import FeatureStorage
import Foundation
import Tensors

@testable import Pipeline

/// A store with made-up features, as tests of the later stages need one.
struct SampleStore {
    static let dimension = 8
    let folder: TemporaryFolder
    let space: FeatureSpace

    /// `classes` clusters of `perClass` features, one of each class in turn; class c leans towards axis c, or two axes
    /// from the ninth on. Chunks have
    /// `chunkRows` rows.
    init(classes: Int = 4, perClass: Int = 10, unlabeled: Int = 0, chunkRows: Int = 256) throws {
        folder = try TemporaryFolder()
        space = Self.space(named: "sample")
        var writer = try FeatureStoreWriter(path: folder.path("s.fcstore"), space: space)
        var generator = SeededGenerator(seed: 11)
        for index in 0..<classes * perClass + unlabeled {
            let label = index < classes * perClass ? index % classes : nil
            var feature = (0..<Self.dimension).map { _ in generator.uniform(0, 0.5) }
            if let label { feature[label % Self.dimension] += 1 }
            if let label, label >= Self.dimension { feature[(label + 3) % Self.dimension] += 1 }
            try writer.append(
                feature: feature[...],
                of: Self.entry("p/\(label.map { "c\($0)/" } ?? "")\(index).jpg", label.map { "c\($0)" }))
            if (index + 1).isMultiple(of: chunkRows) { try writer.commit() }
        }
        try writer.finish()
    }

    /// The store, opened for reading.
    func open() throws -> FeatureStore { try FeatureStore(path: folder.path("s.fcstore")) }

    /// 120 chunks with one row of each of four classes, and settings whose memory takes pools of a fifth of them.
    static func pooled(seed: UInt64 = 3) throws -> (sample: SampleStore, settings: HeadTrainer.Settings) {
        var settings = HeadTrainer.Settings(outputDimension: 4)
        (settings.epochs, settings.batchSize, settings.itemsPerClass, settings.seed) = (3, 8, 2, seed)
        (settings.head, settings.learningRate, settings.keepsTrained) = (.plain, 1e-3, true)
        settings.memory = 30_000
        return (try SampleStore(classes: 4, perClass: 120, chunkRows: 4), settings)
    }

    /// The plan of a training on this store, and what it holds out.
    func plan(
        _ settings: HeadTrainer.Settings, cores: Int = 2
    ) throws -> (plan: TrainingPlan, split: HeldOutSplit) {
        let dataset = try FeatureDataset(store: try open(), space: space)
        let split = HeldOutSplit(
            labels: dataset.labels(of: dataset.rows.indices), fraction: settings.heldOutFraction, seed: settings.seed)
        return (try TrainingPlan(dataset, training: split.training, settings: settings, cores: cores), split)
    }

    /// Overwrites several chunks in the middle of the store's segment.
    func damageSegment() throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.path("s.fcstore/segments/000001.seg")))
        try file.seek(toOffset: try file.seekToEnd() / 2)
        try file.write(contentsOf: Data(repeating: 0xA5, count: 4096))
        try file.close()
    }

    static func space(named name: String) -> FeatureSpace {
        FeatureSpace(name: name, fields: ["model": name], dimension: dimension, rowType: .float16, recipe: [:])
    }

    static func entry(_ path: String, _ label: String?) -> PictureEntry {
        PictureEntry(
            path: "/" + path, label: label, content: Fingerprint(of: Array(path.utf8)), size: 1, modified: 1, root: "/p"
        )
    }
}

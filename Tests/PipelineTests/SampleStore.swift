import FeatureStorage
import Foundation
import Tensors

@testable import Pipeline

/// A store with made-up features, as tests of the later stages need one.
struct SampleStore {
    static let dimension = 8
    let folder: TemporaryFolder
    let space: FeatureSpace

    /// `classes` clusters of `perClass` features; class c leans towards axis c.
    init(classes: Int = 4, perClass: Int = 10, unlabeled: Int = 0) throws {
        folder = try TemporaryFolder()
        space = Self.space(named: "sample")
        var writer = try FeatureStoreWriter(path: folder.path("s.fcstore"), space: space)
        var generator = SeededGenerator(seed: 11)
        for index in 0..<classes * perClass + unlabeled {
            let label = index < classes * perClass ? index % classes : nil
            var feature = (0..<Self.dimension).map { _ in generator.uniform(0, 0.5) }
            if let label { feature[label] += 1 }
            try writer.append(
                feature: feature[...],
                of: Self.entry("p/\(label.map { "c\($0)/" } ?? "")\(index).jpg", label.map { "c\($0)" }))
        }
        try writer.finish()
    }

    /// The store, opened for reading.
    func open() throws -> FeatureStore { try FeatureStore(path: folder.path("s.fcstore")) }

    static func space(named name: String) -> FeatureSpace {
        FeatureSpace(name: name, fields: ["model": name], dimension: dimension, rowType: .float16, recipe: [:])
    }

    static func entry(_ path: String, _ label: String?) -> PictureEntry {
        PictureEntry(
            path: "/" + path, label: label, content: Fingerprint(of: Array(path.utf8)), size: 1, modified: 1, root: "/p"
        )
    }
}

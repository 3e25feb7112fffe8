import FeatureStorage
import Tensors
import Testing

@testable import Pipeline

@Suite("LabeledFeatures")
struct LabeledFeaturesTests {
    @Test("Each labelled content once, in the order of the paths, with its own feature")
    func rows() throws {
        let sample = try SampleStore(classes: 3, perClass: 4, unlabeled: 2)
        defer { sample.folder.clean() }
        let data = try LabeledFeatures(store: try sample.open(), space: sample.space)
        #expect(data.count == 12 && data.unlabeled == 2 && data.conflicting == 0)
        #expect(data.classNames == ["c0", "c1", "c2"])
        #expect(data.paths == data.paths.sorted())
        for row in 0..<data.count {
            #expect(
                data.features.row(row).firstIndex(of: data.features.row(row).max() ?? 0) == row * 8 + data.labels[row])
        }
    }

    @Test("A content under two labels counts once and is reported")
    func conflict() throws {
        let sample = try SampleStore(classes: 2, perClass: 3)
        defer { sample.folder.clean() }
        var writer = try FeatureStoreWriter(path: sample.folder.path("s.fcstore"), space: sample.space)
        let original = SampleStore.entry("p/c0/0.jpg", "c0")
        try writer.record(
            PictureEntry(
                path: "/p/c1/again.jpg", label: "c1", content: original.content, size: 1, modified: 1, root: "/p"))
        try writer.finish()
        let data = try LabeledFeatures(store: try sample.open(), space: sample.space)
        #expect(data.count == 6 && data.conflicting == 1)
    }
}

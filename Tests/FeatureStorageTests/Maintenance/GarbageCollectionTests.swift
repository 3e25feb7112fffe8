import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("Garbage collection") struct GarbageCollectionTests {
    /// A store of several segments in two spaces, some of whose pictures are gone, changed, relabeled or failing.
    private func used() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        for space in [Sample.space(), Sample.space("96")] {
            var writer = try FeatureStoreWriter(small: folder.store, space, segmentBytes: 4000)
            try writer.append(samples: 0..<40)
            try writer.recordFailure(Sample.failure(90))
            try writer.finish()
        }
        var writer = try FeatureStoreWriter(small: folder.store, segmentBytes: 4000)
        try writer.remove(paths: (4..<18).map { Sample.picture($0).path } + [Sample.failure(90).path])
        try writer.recordFailure(Sample.failure(91))
        try writer.append(feature: Sample.feature(50)[...], of: Sample.picture(50, path: "/p/20.jpg"))
        try writer.record(Sample.picture(1, path: "/q/twin.jpg", label: nil, root: "/q"))
        try writer.record(Sample.picture(2, label: "dog"))
        try writer.finish()
        return folder
    }

    /// What a store says of its pictures and features, without what a collection may change.
    private func facts(_ folder: ScratchFolder) throws -> [String] {
        let store = try FeatureStore(path: folder.store)
        return try store.spaces().flatMap { summary in
            let table = try store.readFeatures(in: summary.space)
            let rows = Dictionary(uniqueKeysWithValues: table.contents.enumerated().map { ($1, $0) })
            return try store.pictures(in: summary.space).map { picture in
                "\(picture) \(rows[picture.content].map { Array(table.features.row($0)) } ?? [])"
            } + store.failures(in: summary.space).map { "\($0)" }
        }
    }

    @Test("drops what no picture has, keeps all else, and the index made anew from the segments says the same")
    func collects() throws {
        let folder = try used()
        let before = try facts(folder)
        let plan = try GarbageCollection(path: folder.store).plan()
        #expect(Set(plan.map(\.isCollected)) == [true, false])
        #expect(try facts(folder) == before)
        let report = try GarbageCollection(path: folder.store).run()
        #expect(report.segments == plan.filter(\.isCollected))
        #expect(report.bytesAfter < report.bytesBefore)
        #expect(report.rowsDropped > 10)
        #expect(try facts(folder) == before)
        for segment in report.segments {
            #expect(!FileManager.default.fileExists(atPath: folder.store + "/segments/" + segment.name))
        }
        #expect(try GarbageCollection(path: folder.store).plan().filter(\.isCollected).isEmpty)
        let contents = try StoreContents(path: folder.store)
        #expect(!contents.spaces[0].features.contents.contains(Sample.content(5)))
        try folder.remove(folder.index)
        #expect(try FeatureStoreWriter(small: folder.store).recovery.indexRebuilt)
        #expect(try facts(folder) == before)
        #expect(try StoreContents(path: folder.store).spaces.map(\.features) == contents.spaces.map(\.features))
    }

    @Test("of everything empties the space; a threshold of 1 keeps everything")
    func extremes() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<8)
        try writer.remove(paths: (0..<8).map { Sample.picture($0).path })
        try writer.finish()
        #expect(try GarbageCollection(path: folder.store, threshold: 1).run().segments.isEmpty)
        #expect(try GarbageCollection(path: folder.store).run().rowsDropped == 8)
        let contents = try StoreContents(path: folder.store)
        #expect(contents.spaces[0].features.contents.isEmpty)
        #expect(contents.pictures == 0)
        #expect(try GarbageCollection(path: folder.store).run().segments.isEmpty)
    }

    @Test("keeps a picture where another space has a failure of an older file in a collected segment")
    func outdatedFailure() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<8)
        try writer.recordFailure(Sample.failure(90))
        try writer.remove(paths: (0..<7).map { Sample.picture($0).path })
        try writer.finish()
        var other = try FeatureStoreWriter(small: folder.store, Sample.space("96"))
        try other.append(samples: 90..<91)
        try other.finish()
        let before = try StoreFacts(path: folder.store).pictures
        #expect(before.count == 2)
        #expect(try GarbageCollection(path: folder.store).run().rowsDropped == 7)
        try #expect(StoreFacts(path: folder.store).pictures == before)
        try folder.remove(folder.index)
        _ = try FeatureStoreWriter(small: folder.store).recovery
        try #expect(StoreFacts(path: folder.store).pictures == before)
    }
}

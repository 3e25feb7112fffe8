import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("The store's writer") struct FeatureStoreWriterTests {
    @Test("appends to a copy of a segment that another store has, too")
    func sharedSegment() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<4)
        try writer.finish()
        let backup = folder.path + "/backup.seg"
        try FileManager.default.linkItem(atPath: folder.segment(), toPath: backup)
        let bytes = try folder.bytes(backup)
        var next = try FeatureStoreWriter(small: folder.store)
        try next.append(samples: 4..<8)
        try next.finish()
        try #expect(folder.bytes(backup) == bytes)
        let segment = try folder.bytes(folder.segment())
        #expect(segment.count > bytes.count && segment.starts(with: bytes))
        #expect(try FeatureStore(path: folder.store).pictures(in: Sample.space()).count == 8)
    }

    @Test("stores a content once, whatever its paths")
    func duplicates() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: [1, 2])
        try writer.append(feature: Sample.feature(1)[...], of: Sample.picture(1, path: "/p/again.jpg"))
        let contained = [1, 2, 3].map(Sample.content).map { writer.contains($0) }
        #expect(contained == [true, true, false])
        let contents = writer.contents()
        #expect(contents == Set([1, 2].map(Sample.content)))
        try writer.commit()
        try writer.append(feature: Sample.feature(2)[...], of: Sample.picture(2, path: "/p/once more.jpg"))
        #expect(writer.committedRows == 2)
        try writer.finish()
        let store = try StoreContents(path: folder.store)
        #expect(store.spaces[0].features.contents == [Sample.content(1), Sample.content(2)])
        #expect(store.spaces[0].pictures.map(\.path) == ["/p/1.jpg", "/p/2.jpg", "/p/again.jpg", "/p/once more.jpg"])
        #expect(store.spaces[0].pictures.map(\.content) == [1, 2, 1, 2].map(Sample.content))
    }

    @Test("follows renames, changed labels, changed files and removals")
    func listing() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 1...4)
        try writer.remove(paths: ["/p/1.jpg"])
        try writer.record(Sample.picture(1, path: "/p/renamed.jpg"))
        try writer.record(Sample.picture(2, label: "dog"))
        try writer.append(feature: Sample.feature(9)[...], of: Sample.picture(9, path: "/p/3.jpg", label: nil))
        try writer.remove(paths: ["/p/4.jpg", "/p/never there.jpg"])
        try writer.finish()
        let store = try FeatureStore(path: folder.store)
        let pictures = try store.pictures(in: Sample.space())
        #expect(pictures.map(\.path) == ["/p/2.jpg", "/p/3.jpg", "/p/renamed.jpg"])
        #expect(pictures.map(\.label) == ["dog", nil, "cat"])
        #expect(pictures.map(\.content) == [2, 9, 1].map(Sample.content))
        #expect(try store.readFeatures(in: Sample.space()).contents == [1, 2, 3, 4, 9].map(Sample.content))
        #expect(try store.summary().labels == ["cat": 1, "dog": 1])
        #expect(try store.summary().unlabeled == 1)
        let known = try FeatureStoreWriter(small: folder.store).knownPictures(under: "/p")
        #expect(known.first { $0.path == "/p/2.jpg" } == Sample.picture(2, label: "dog"))
        #expect(known.count == 3)
    }

    @Test("keeps failures until the file has a feature, is gone, and takes changed files off the listing")
    func failures() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        for number in 1...3 { try writer.recordFailure(Sample.failure(number)) }
        try writer.append(samples: [8, 9])
        try writer.commit()
        let counts = [try writer.knownFailures(under: "/p").count, try writer.knownFailures(under: "/q").count]
        #expect(counts == [3, 0])
        try writer.append(samples: [1])
        try writer.remove(paths: ["/p/2.jpg"])
        try writer.recordFailure(Sample.failure(8))
        let nine = Sample.picture(9)
        try writer.recordFailure(
            FailureEntry(path: nine.path, root: "/p", reason: "too large", size: nine.size, modified: nine.modified))
        try writer.finish()
        let store = try FeatureStore(path: folder.store)
        #expect(try store.failures(in: Sample.space()).map(\.path) == ["/p/3.jpg", "/p/8.jpg", "/p/9.jpg"])
        #expect(try store.pictures(in: Sample.space()).map(\.path) == ["/p/1.jpg", "/p/9.jpg"])
        #expect(try store.spaces()[0].failures == 3)
    }

    @Test("refuses values that f16 cannot hold, names the picture, and goes on")
    func overflow() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        for value: Float in [.nan, .infinity, -.infinity, 65_520, -70_000] {
            var feature = Sample.feature(1)
            feature[5] = value
            do {
                try writer.append(feature: feature[...], of: Sample.picture(1))
                Issue.record("\(value) was taken")
            } catch let error as InputError {
                #expect(error.object == "/p/1.jpg")
                #expect(error.fact.contains("position 5"))
            }
            let isContained = writer.contains(Sample.content(1))
            #expect(!isContained)
        }
        var largest = Sample.feature(1)
        largest[5] = 65_519
        try writer.append(feature: largest[...], of: Sample.picture(1))
        try writer.finish()
        #expect(try FeatureStore(path: folder.store).readFeatures(in: Sample.space()).features[0, 5] == 65_504)
    }

    @Test("refuses a label that SQLite would cut short")
    func nulLabel() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        do {
            try writer.append(feature: Sample.feature(1)[...], of: Sample.picture(1, label: "a\0b"))
            Issue.record("the label was taken")
        } catch let error as InputError { #expect(error.object == "/p/1.jpg") }
    }

    @Test("drops what was not committed")
    func uncommitted() throws {
        let folder = try ScratchFolder()
        do {
            var writer = try FeatureStoreWriter(small: folder.store)
            try writer.append(samples: 0..<6)
            #expect(writer.committedRows == 4)
        }
        let writer = try FeatureStoreWriter(small: folder.store)
        #expect(writer.recovery.isEmpty)
        #expect(writer.committedRows == 4)
        let isContained = writer.contains(Sample.content(5))
        #expect(!isContained)
    }

    @Test("refuses another space with the differences, and keeps both where it is told to")
    func otherSpace() throws {
        let folder = try ScratchFolder()
        let (first, second) = (Sample.space("224"), Sample.space("232"))
        var writer = try FeatureStoreWriter(path: folder.store, space: first)
        try writer.append(samples: 0..<5)
        try writer.finish()
        let error = #expect(throws: InputError.self) { _ = try FeatureStoreWriter(path: folder.store, space: second) }
        #expect(error?.fact.contains("preprocessing.crop: 232 here, 224 there") == true)
        #expect(error?.remedy.contains("--add-space") == true)
        var other = try FeatureStoreWriter(path: folder.store, space: second, otherSpaces: .add)
        let isContained = other.contains(Sample.content(1))
        #expect(!isContained)
        try other.append(samples: 3..<7)
        try other.finish()
        try FeatureStoreWriter(path: folder.store, space: second).finish()
        let store = try FeatureStore(path: folder.store)
        #expect(try store.spaces().map(\.rows) == [5, 4])
        #expect(try store.spaces().map(\.space) == [first, second])
        #expect(try store.summary().contents == 7)
        #expect(try store.pictures(in: second).map(\.path) == (3..<7).map { "/p/\($0).jpg" })
        #expect(try store.readFeatures(in: second).contents == (3..<7).map(Sample.content))
    }

    @Test("keeps the newest name and recipe of a space")
    func recipe() throws {
        let folder = try ScratchFolder()
        let old = Sample.space()
        try FeatureStoreWriter(path: folder.store, space: old).finish()
        let new = FeatureSpace(
            name: "new name", fields: old.fields, dimension: old.dimension, recipe: ["weights": "/elsewhere"])
        try FeatureStoreWriter(path: folder.store, space: new).finish()
        #expect(try FeatureStore(path: folder.store).spaces().map(\.space) == [new])
        try folder.remove(folder.index)
        try FeatureStoreWriter(path: folder.store, space: new).finish()
        #expect(try FeatureStore(path: folder.store).spaces().map(\.space) == [new])
        #expect(try StoreLayout(path: folder.store).segmentNumbers() == [1])
    }

    @Test("seals full segments and goes on in new ones")
    func segments() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store, segmentBytes: 2500)
        try writer.append(samples: 0..<40)
        try writer.finish()
        let store = try FeatureStore(path: folder.store)
        #expect(try store.summary().segments > 2)
        let table = try store.readFeatures(in: Sample.space())
        #expect(table.contents == (0..<40).map(Sample.content))
        for row in 0..<40 { #expect(Array(table.features.row(row)) == Sample.feature(row)) }
        var later = try FeatureStoreWriter(small: folder.store, segmentBytes: 2500)
        #expect(later.recovery.isEmpty)
        try later.append(samples: 40..<41)
        try later.finish()
        #expect(try FeatureStore(path: folder.store).readFeatures(in: Sample.space()).contents.count == 41)
    }

    @Test("is of no further use after an error of the disk")
    func poisoned() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store, segmentBytes: 1)
        try writer.append(samples: 0..<4)
        // The next segment cannot be made: its folder is gone.
        let segments = StoreLayout(path: folder.store).segmentsFolder
        try FileManager.default.moveItem(atPath: segments, toPath: folder.path + "/away")
        for expected in ["000", "earlier error"] {
            do {
                try writer.append(samples: 4..<8)
                Issue.record("nothing was noticed")
            } catch let error as InputError { #expect(error.description.contains(expected)) }
        }
        try FileManager.default.moveItem(atPath: folder.path + "/away", toPath: segments)
        do {
            try writer.commit()
            Issue.record("the writer tried again")
        } catch { #expect(error is InputError) }
    }
}

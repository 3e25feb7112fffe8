import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("The store's reader") struct FeatureStoreTests {
    @Test("gives back what was appended, with f16's rounding and no other")
    func roundTrip() throws {
        let folder = try ScratchFolder()
        let space = Sample.space(dimension: 77)
        var generator = SeededGenerator(seed: 3)
        let rows = (0..<600).map { _ in (0..<77).map { _ in generator.uniform(-8, 8) } }
        var writer = try FeatureStoreWriter(path: folder.store, space: space)
        for (number, row) in rows.enumerated() { try writer.append(feature: row[...], of: Sample.picture(number)) }
        try writer.finish()
        let store = try FeatureStore(path: folder.store)
        let table = try store.readFeatures(in: space)
        #expect(table.contents == (0..<600).map(Sample.content))
        #expect(table.features.columns == 77)
        for (number, row) in rows.enumerated() {
            #expect(Array(table.features.row(number)) == row.map { Float(Float16($0)) })
        }
        let summary = try store.spaces()[0]
        #expect((summary.rows, summary.chunks, summary.rawBytes) == (600, 3, 600 * 77 * 4))
        #expect(summary.storedBytes > summary.payloadBytes)
        #expect(store.headsFolder == folder.store + "/heads")
    }

    @Test("walks chunk by chunk through the same rows")
    func chunks() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<10)
        try writer.finish()
        let store = try FeatureStore(path: folder.store)
        var contents: [Fingerprint] = []
        var values: [Float] = []
        var sizes: [Int] = []
        let chunks = try store.chunks(in: Sample.space())
        for position in 0..<chunks.count {
            let table = try chunks.read(at: position)
            #expect(try chunks.contents(at: position) == table.contents)
            #expect(chunks.rows(at: position) == table.features.rows)
            contents += table.contents
            values += table.features.elements
            sizes.append(table.features.rows)
        }
        #expect(sizes == [4, 4, 2])
        let table = try store.readFeatures(in: Sample.space())
        #expect(contents == table.contents)
        #expect(values == table.features.elements)
    }

    @Test("orders pictures by the bytes of their paths")
    func order() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        let paths = ["/p/é.jpg", "/p/e\u{301}.jpg", "/p/z.jpg", "/p/Z.jpg", "/p/10.jpg", "/p/9.jpg", "/p/😀.jpg"]
        for (number, path) in paths.enumerated() {
            try writer.append(feature: Sample.feature(number)[...], of: Sample.picture(number, path: path))
        }
        try writer.finish()
        let found = try FeatureStore(path: folder.store).pictures(in: Sample.space()).map { Array($0.path.utf8) }
        #expect(found == paths.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
    }

    @Test("finds a space by fingerprint or name, and lists them where the choice is open")
    func spaces() throws {
        let folder = try ScratchFolder()
        let (first, second) = (Sample.space("224"), Sample.space("2240"))
        try FeatureStoreWriter(small: folder.store, first).finish()
        #expect(try FeatureStore(path: folder.store).space(matching: nil) == first)
        try FeatureStoreWriter(small: folder.store, second).finish()
        let store = try FeatureStore(path: folder.store)
        #expect(try store.space(matching: second.fingerprint.short) == second)
        #expect(try store.space(matching: first.name) == first)
        #expect(try store.space(matching: second.name) == second)
        for prefix in [nil, "toy", "nothing like it"] {
            let error = #expect(throws: InputError.self) { try store.space(matching: prefix) }
            #expect(error?.remedy.contains(first.fingerprint.short) == true)
            #expect(error?.remedy.contains(second.name) == true)
        }
        #expect(throws: InputError.self) { try store.pictures(in: Sample.space("1")) }
    }

    @Test("sees whole commits while a writer is at work")
    func duringWriting() async throws {
        let folder = try ScratchFolder()
        try FeatureStoreWriter(small: folder.store).finish()
        async let writing: Void = {
            var writer = try FeatureStoreWriter(small: folder.store, segmentBytes: 4000)
            try writer.append(samples: 0..<160)
            try writer.finish()
        }()
        let store = try FeatureStore(path: folder.store)
        var counts: [Int] = []
        while counts.last != 160, counts.count < 100_000 {
            let table = try store.readFeatures(in: Sample.space())
            #expect(table.contents == (0..<table.contents.count).map(Sample.content))
            #expect(table.contents.count % 4 == 0)
            counts.append(table.contents.count)
            await Task.yield()
        }
        try await writing
        #expect(counts == counts.sorted())
        #expect(counts.last == 160)
    }

    @Test("goes on with the state at the beginning of a walk")
    func snapshot() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<8)
        try writer.commit()
        let store = try FeatureStore(path: folder.store)
        let chunks = try store.chunks(in: Sample.space())
        var rows = 0
        for position in 0..<chunks.count {
            rows += try chunks.read(at: position).contents.count
            try writer.append(samples: 100 + rows..<108 + rows)
            try writer.commit()
        }
        #expect(rows == 8)
        #expect(try store.readFeatures(in: Sample.space()).contents.count > 8)
        try writer.finish()
    }

    @Test("opened before a writer was killed in a commit, has that undone and reads on")
    func killedSinceOpened() throws {
        let folder = try ScratchFolder.used()
        let facts = try StoreContents(path: folder.store)
        let store = try FeatureStore(path: folder.store)
        #expect(try store.spaces().count == 2)
        try folder.leaveCommitUnfinished()
        #expect(try store.spaces() == facts.spaces.map(\.summary))
        #expect(!FileManager.default.fileExists(atPath: folder.index + "-journal"))
    }

    @Test("A store that may not be there yet is none until its index has been made")
    func existing() throws {
        let folder = try ScratchFolder()
        #expect(try FeatureStore.existing(at: folder.store) == nil)
        try FileManager.default.createDirectory(atPath: folder.store, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: folder.store + "/index.sqlite"))
        #expect(try FeatureStore.existing(at: folder.store) == nil)
        #expect(throws: InputError.self) { try FeatureStore(path: folder.store) }
        try FileManager.default.removeItem(atPath: folder.store + "/index.sqlite")
        let writer = try FeatureStoreWriter(path: folder.store, space: Sample.space())
        try writer.finish()
        #expect(try FeatureStore.existing(at: folder.store)?.spaces().count == 1)
        try Data("no database, but long enough to be none".utf8).write(
            to: URL(fileURLWithPath: folder.store + "/index.sqlite"))
        #expect(throws: InputError.self) { try FeatureStore.existing(at: folder.store) }
    }
}

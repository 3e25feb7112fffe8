import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("Rows of a store")
struct StoredRowsTests {
    /// Pictures 1...14 in chunks of four; 3 under a second path, 5 no longer listed, every third labelled dog.
    private func store(_ folder: ScratchFolder) throws -> FeatureStore {
        var writer = try FeatureStoreWriter(small: folder.store)
        for number in 1...14 {
            let picture = Sample.picture(number, label: number % 3 == 0 ? "dog" : number == 7 ? nil : "cat")
            try writer.append(feature: Sample.feature(number)[...], of: picture)
        }
        try writer.record(Sample.picture(3, path: "/a/copy.jpg", label: "cat"))
        try writer.remove(paths: ["/p/5.jpg"])
        try writer.finish()
        return try FeatureStore(path: folder.store)
    }

    @Test("have the contents and features of their chunks, in any order and repeated")
    func contents() throws {
        let folder = try ScratchFolder()
        let chunks = try store(folder).chunks(in: Sample.space())
        #expect(chunks.count == 4 && chunks.rowCount == 14)
        #expect(try chunks.contents(ofRows: [13, 0, 5, 0]) == [14, 1, 6, 1].map(Sample.content))
        let features = try chunks.features(ofRows: [13, 0, 5, 0])
        #expect((0..<4).map { Array(features.row($0)) } == [14, 1, 6, 1].map { Sample.feature($0) })
        #expect(try chunks.rows { [Sample.content(9), Sample.content(2)].contains($0) } == [1, 8])
        #expect((0..<4).map(chunks.range(at:)) == [0..<4, 4..<8, 8..<12, 12..<14])
        #expect((0..<14).map(chunks.position(ofRow:)) == (0..<14).map { $0 / 4 })
    }

    @Test("have the pictures that the listing names, by path")
    func pictures() throws {
        let folder = try ScratchFolder()
        let store = try store(folder)
        let chunks = try store.chunks(in: Sample.space())
        let found = try store.pictures(ofRows: [2, 4, 6, 2], in: chunks)
        #expect(
            found.map { $0.map(\.path) } == [
                ["/a/copy.jpg", "/p/3.jpg"], [], ["/p/7.jpg"], ["/a/copy.jpg", "/p/3.jpg"],
            ])
        #expect(found[0].map(\.label) == ["cat", "dog"] && found[2][0].label == nil)
        #expect(found[0].allSatisfy { $0.content == Sample.content(3) && !$0.root.isEmpty })
    }

    @Test("are chosen by the labels of listed pictures")
    func labels() throws {
        let folder = try ScratchFolder()
        let store = try store(folder)
        let chunks = try store.chunks(in: Sample.space())
        func rows(_ isWanted: (String?) -> Bool) throws -> [Int] {
            let listed = try store.listedRows(in: chunks, where: isWanted)
            return listed.indices.filter { listed[$0] }.map { $0 + 1 }
        }
        #expect(try rows { _ in true } == [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14])
        #expect(try rows { $0 == "dog" } == [3, 6, 9, 12])
        #expect(try rows { $0 == "cat" } == [1, 2, 3, 4, 8, 10, 11, 13, 14])
        #expect(try rows { $0 == nil } == [7])
    }

    @Test("are found by the path of a picture")
    func paths() throws {
        let folder = try ScratchFolder()
        let store = try store(folder)
        let chunks = try store.chunks(in: Sample.space())
        #expect(try store.row(ofPictureAt: "/a/copy.jpg", in: chunks) == 2)
        #expect(try store.row(ofPictureAt: "/p/14.jpg", in: chunks) == 13)
        for path in ["/p/5.jpg", "/q/1.jpg", "1.jpg", ""] {
            #expect(try store.row(ofPictureAt: path, in: chunks) == nil)
        }
    }

    @Test("keep the identity of their chunk while more are written, and lose it where rows go")
    func identity() throws {
        let folder = try ScratchFolder()
        let store = try store(folder)
        let before = try store.chunks(in: Sample.space())
        let names = (0..<before.count).map(before.identity)
        #expect(Set(names).count == 4)
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 20..<29)
        try writer.finish()
        let after = try store.chunks(in: Sample.space())
        #expect((0..<4).map(after.identity) == names && after.count > 4)
        // What was asked for before is still good.
        #expect(try store.pictures(ofRows: [0], in: before)[0].map(\.path) == ["/p/1.jpg"])
        _ = try GarbageCollection(path: folder.store, threshold: 0).run()
        let collected = try FeatureStore(path: folder.store)
        let now = try collected.chunks(in: Sample.space())
        #expect(Set((0..<now.count).map(now.identity)).isDisjoint(with: names))
        #expect(throws: InputError.self) { try collected.pictures(ofRows: [0], in: before) }
    }
}

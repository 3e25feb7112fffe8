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

    @Test("have the same pictures at every look, and others once the listing is another")
    func lookingAgain() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        let folders = ["/a/", "/b/c/", "/b/d\u{e9}/", "/z/"]
        // Of the last contents there is a second picture in another place.
        for number in 1...3000 {
            let picture = Sample.picture(number, path: folders[number % 4] + "\(number * 7919 % 3000).jpg")
            try writer.append(feature: Sample.feature(number)[...], of: picture)
            if number > 2900 {
                try writer.record(Sample.picture(number, path: folders[(number + 1) % 4] + "x\(number)"))
            }
        }
        try writer.commit()
        let store = try FeatureStore(path: folder.store)
        let chunks = try store.chunks(in: Sample.space())
        func look(_ rows: [Int]) throws -> [[String]] {
            try store.pictures(ofRows: rows, in: chunks).map { $0.map(\.path) }
        }
        let (few, many) = ([2950, 3, 777, 3], Array(0..<3000))
        let first = try look(many)
        #expect(first[3] == ["/a/\(4 * 7919 % 3000).jpg"] && first[2950].count == 2)
        for rows in [few, few, many, [2999], []] + stride(from: 0, to: 3000, by: 11).map({ [$0] }) {
            #expect(try look(rows) == rows.map { first[$0] })
        }
        try writer.remove(paths: first[777])
        try writer.record(Sample.picture(4, path: "/new/4.jpg"))
        try writer.finish()
        for _ in 0..<3 {
            #expect(try look(few) == [first[2950], first[3] + ["/new/4.jpg"], [], first[3] + ["/new/4.jpg"]])
        }
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

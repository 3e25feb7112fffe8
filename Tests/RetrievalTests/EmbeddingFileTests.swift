import Foundation
import Tensors
import Testing

@testable import Retrieval

@Suite("Kept embeddings")
struct EmbeddingFileTests {
    private final class Folder {
        let path = NSTemporaryDirectory() + "embeddings-" + UUID().uuidString
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func place(_ source: String = "a", dimension: Int = 6) -> EmbeddingPlace {
            EmbeddingPlace(folder: path, source: Self.name(source), dimension: dimension)
        }

        static func name(_ text: String) -> Fingerprint { Fingerprint(of: Data(text.utf8)) }
    }

    private func vectors(_ count: Int, seed: UInt64, dimension: Int = 6) -> VectorRows {
        VectorRows(normalizing: Matrix.random(count, dimension, seed: seed)).asFloat16
    }

    private func write(_ groups: [(String, VectorRows)], at place: EmbeddingPlace, commits: Bool = true) throws {
        var writer = try EmbeddingWriter(at: place)
        for (name, vectors) in groups { try writer.append(vectors, as: Folder.name(name)) }
        if commits { try writer.commit() }
    }

    private func rows(_ name: String, _ place: EmbeddingPlace) throws -> Matrix? {
        let file = try #require(try EmbeddingFile(at: place))
        return file.rows(of: Folder.name(name)).map { file.vectors.matrix($0) }
    }

    @Test("are read as they were written, over several commits, while a reader has them open")
    func roundTrip() throws {
        let folder = try Folder()
        let place = folder.place()
        #expect(try EmbeddingFile(at: place) == nil)
        let (first, second) = (vectors(5, seed: 1), vectors(300, seed: 2))
        try write([("x", first), ("y", second)], at: place)
        let early = try #require(try EmbeddingFile(at: place))
        try write([("z", vectors(2, seed: 3))], at: place)
        #expect(early.vectors.count == 305 && early.rows(of: Folder.name("z")) == nil)
        #expect(early.vectors.matrix(0..<5) == first.matrix(0..<5))
        let late = try #require(try EmbeddingFile(at: place))
        #expect(late.generation == early.generation && late.groupCount == 3)
        #expect(try rows("y", place) == second.matrix(0..<300))
        #expect(try rows("z", place) == vectors(2, seed: 3).matrix(0..<2))
        try late.verify()
    }

    @Test("are an array that NumPy's format describes, whatever its size")
    func numPy() throws {
        let folder = try Folder()
        for (dimension, count) in [(1, 1), (6, 7), (1000, 3)] {
            let place = folder.place("d\(dimension)", dimension: dimension)
            let written = vectors(count, seed: 4, dimension: dimension)
            try write([("x", written)], at: place)
            let array = try NumPyFile.decode(Data(contentsOf: URL(fileURLWithPath: place.array)))
            #expect(array.shape == [count, dimension])
            #expect(array.elements == written.matrix(0..<count).elements)
        }
    }

    @Test("that were not committed are cut off by the next writer and seen by nobody")
    func uncommitted() throws {
        let folder = try Folder()
        let place = folder.place()
        try write([("x", vectors(5, seed: 1))], at: place)
        try write([("y", vectors(9, seed: 2))], at: place, commits: false)
        #expect(try rows("y", place) == nil)
        try write([("z", vectors(4, seed: 3))], at: place)
        #expect(try rows("x", place) == vectors(5, seed: 1).matrix(0..<5))
        #expect(try rows("z", place) == vectors(4, seed: 3).matrix(0..<4))
        #expect(try rows("y", place) == nil)
    }

    @Test("begin anew as another generation, also where the manifest is damaged")
    func generations() throws {
        let folder = try Folder()
        let place = folder.place()
        try write([("x", vectors(5, seed: 1))], at: place)
        let first = try #require(try EmbeddingFile(at: place))
        var writer = try EmbeddingWriter(at: place)
        #expect(writer.unusedRows(but: [Folder.name("x")]).unused == 0)
        #expect(writer.unusedRows(but: []).unused == 5)
        try writer.startAnew()
        try writer.append(vectors(3, seed: 2), as: Folder.name("y"))
        try writer.commit()
        let second = try #require(try EmbeddingFile(at: place))
        #expect(second.generation != first.generation && second.vectors.count == 3)
        #expect(first.vectors.matrix(0..<5) == vectors(5, seed: 1).matrix(0..<5))
        try Data("broken".utf8).write(to: URL(fileURLWithPath: place.manifest))
        #expect(try EmbeddingFile(at: place) == nil)
        _ = consume writer
        try write([("x", vectors(5, seed: 1))], at: place)
        #expect(try rows("x", place) == vectors(5, seed: 1).matrix(0..<5))
    }

    @Test("of something else are none")
    func otherSource() throws {
        let folder = try Folder()
        try write([("x", vectors(5, seed: 1))], at: folder.place("a"))
        #expect(try EmbeddingFile(at: folder.place("b")) == nil)
        #expect(try EmbeddingFile(at: folder.place("a", dimension: 7)) == nil)
    }

    @Test("are checked group by group")
    func damage() throws {
        let folder = try Folder()
        let place = folder.place()
        try write([("x", vectors(5, seed: 1)), ("y", vectors(5, seed: 2))], at: place)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: place.array))
        bytes[bytes.count - 3] ^= 4
        try bytes.write(to: URL(fileURLWithPath: place.array))
        let file = try #require(try EmbeddingFile(at: place))
        let error = #expect(throws: InputError.self) { try file.verify() }
        #expect(error?.fact.contains("group 1 at byte 188") == true)
        try bytes.dropLast().write(to: URL(fileURLWithPath: place.array))
        #expect(try EmbeddingFile(at: place) == nil)
    }

    @Test("have a manifest that survives anything: every cut and every flipped bit is found")
    func hostileManifests() throws {
        var manifest = EmbeddingManifest(
            dimension: 6, source: Folder.name("a"), generation: EmbeddingManifest.newGeneration())
        manifest.groups = (0..<3).map { .init(identity: Folder.name("\($0)"), rows: $0 * 7, checksum: UInt32($0)) }
        let bytes = manifest.encoded()
        #expect(EmbeddingManifest(decoding: bytes) == manifest)
        for length in 0..<bytes.count { #expect(EmbeddingManifest(decoding: bytes.prefix(length)) == nil) }
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(EmbeddingManifest(decoding: changed) == nil)
        }
        #expect(EmbeddingManifest(decoding: bytes + [0]) == nil)
    }
}

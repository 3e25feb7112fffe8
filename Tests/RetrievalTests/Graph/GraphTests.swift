import Foundation
import Tensors
import Testing

@testable import Retrieval

@Suite("An HNSW graph")
struct GraphTests {
    private static let dimension = 24

    /// Kept embeddings of clustered unit vectors in a folder of their own.
    private final class Kept {
        let place: EmbeddingPlace
        private var groups = 0

        init(_ count: Int) throws {
            let folder = NSTemporaryDirectory() + "graph-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            place = EmbeddingPlace(
                folder: folder, source: Fingerprint(of: Data("graph".utf8)), dimension: GraphTests.dimension)
            try add(count)
        }

        deinit { try? FileManager.default.removeItem(atPath: place.folder) }

        func add(_ count: Int) throws {
            var writer = try EmbeddingWriter(at: place)
            let vectors = VectorRows(normalizing: Self.cloud(count, seed: UInt64(groups + 1)))
            try writer.append(vectors.asFloat16, as: Fingerprint(of: Data("group \(groups)".utf8)))
            try writer.commit()
            groups += 1
        }

        func open() throws -> EmbeddingFile { try #require(try EmbeddingFile(at: place)) }

        static func cloud(_ count: Int, seed: UInt64) -> Matrix {
            let centers = Matrix.random(20, GraphTests.dimension, seed: 99)
            var cloud = Matrix.random(count, GraphTests.dimension, seed: seed)
            for row in 0..<count {
                for column in 0..<GraphTests.dimension {
                    cloud[row, column] = centers[row % 20, column] + 0.4 * cloud[row, column]
                }
            }
            return cloud
        }
    }

    private func build(_ kept: Kept, links: Int = 8, extending: GraphFile? = nil) throws {
        let parameters = GraphParameters(links: links, constructionEffort: 60)
        let builder = try GraphBuilder(over: kept.open(), parameters: parameters, extending: extending)
        #expect(try builder.addRows(progress: { _, _ in }))
        try builder.write()
    }

    private func recall(_ kept: Kept, effort: Int = 60, excluding: Set<Int> = []) throws -> Double {
        let file = try kept.open()
        let graph = try GraphFile(over: file)
        let queries = Kept.cloud(50, seed: 77)
        var bits = [UInt8](repeating: 0, count: (graph.count + 7) / 8)
        for row in excluding { bits[row / 8] |= 1 << UInt8(row % 8) }
        let found = try GraphIndex(graph, over: file).search(
            queries, effort: effort, excluding: excluding.isEmpty ? nil : bits)
        let eligible = (0..<file.vectors.count).map { !excluding.contains($0) && $0 < graph.count }
        let exact = ExactIndex(file.vectors).search(queries, k: 10, excluding: nil, among: eligible)
        #expect(found.allSatisfy { $0.allSatisfy { !excluding.contains($0.index) } })
        // What both find has the same scores, bit for bit, in the same order.
        for (found, exact) in zip(found, exact) {
            let common = Set(found).intersection(exact)
            #expect(found.filter(common.contains) == exact.filter(common.contains))
            #expect(Set(common.map(\.index)) == Set(found.map(\.index)).intersection(exact.map(\.index)))
        }
        let hits = zip(found, exact).reduce(0) { $0 + Set($1.0.prefix(10)).intersection($1.1).count }
        return Double(hits) / 500
    }

    @Test("finds nearly all of the nearest, and all of them where it looks everywhere")
    func recall() throws {
        let kept = try Kept(1500)
        try build(kept)
        #expect(try recall(kept) > 0.95)
        #expect(try recall(kept, effort: 1500) == 1)
    }

    @Test("passes through rows that are excluded")
    func excluded() throws {
        let kept = try Kept(1500)
        try build(kept)
        #expect(try recall(kept, effort: 100, excluding: Set((0..<1500).filter { $0 % 3 != 0 })) > 0.95)
        #expect(try recall(kept, effort: 100, excluding: Set(0..<1400)) > 0.95)
    }

    @Test("goes on where it was left, and is of no use once the embeddings begin anew")
    func extended() throws {
        let kept = try Kept(700)
        try build(kept)
        let (before, first) = (try kept.open(), try GraphFile(over: kept.open()))
        try kept.add(600)
        #expect(try GraphFile(over: kept.open()).count == 700)
        try build(kept, extending: try GraphFile(over: kept.open()))
        #expect(try GraphFile(over: kept.open()).count == 1300)
        #expect(try recall(kept) > 0.95)
        // Who had the old one open goes on with that.
        #expect(
            try GraphIndex(first, over: before).search(Kept.cloud(3, seed: 5), effort: 10).allSatisfy { $0.count == 10 }
        )
        #expect(throws: GraphFile.Absence.stale) { try GraphFile(over: before) }
        var writer = try EmbeddingWriter(at: kept.place)
        try writer.startAnew()
        try writer.append(VectorRows(normalizing: Kept.cloud(5, seed: 1)).asFloat16, as: Fingerprint(of: Data()))
        try writer.commit()
        #expect(throws: GraphFile.Absence.missing) { try GraphFile(over: kept.open()) }
    }

    @Test("of one row, of equal rows and of none can be made", arguments: [1, 2, 40])
    func small(count: Int) throws {
        let kept = try Kept(0)
        var writer = try EmbeddingWriter(at: kept.place)
        let equal = Matrix(rows: count, columns: Self.dimension, repeating: 1)
        try writer.append(VectorRows(normalizing: equal).asFloat16, as: Fingerprint(of: Data("x".utf8)))
        try writer.commit()
        try build(kept)
        let file = try kept.open()
        let found = try GraphIndex(GraphFile(over: file), over: file).search(Kept.cloud(1, seed: 3), effort: 100)[0]
        #expect(found.map(\.index) == Array(0..<count))
        #expect(
            try GraphIndex(GraphFile(over: file), over: file)
                .search(Matrix(rows: 1, columns: Self.dimension, repeating: .nan), effort: 5) == [[]])
    }

    @Test("stops when it is told to, and leaves nothing")
    func stopped() throws {
        let kept = try Kept(500)
        let builder = try GraphBuilder(over: kept.open(), parameters: GraphParameters())
        var asked = 0
        let isDone = try builder.addRows(
            progress: { _, _ in },
            isStopped: {
                asked += 1
                return asked > 1
            })
        #expect(!isDone && !FileManager.default.fileExists(atPath: kept.place.graph))
    }

    @Test("that is cut off or changed anywhere is refused")
    func damage() throws {
        let kept = try Kept(60)
        try build(kept, links: 4)
        let (file, path) = (try kept.open(), kept.place.graph)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        func absence(_ changed: Data) throws -> GraphFile.Absence? {
            try changed.write(to: URL(fileURLWithPath: path))
            do { _ = try GraphFile(over: file) } catch { return error }
            return nil
        }
        for length in stride(from: 0, to: bytes.count, by: 7) {
            guard case .damaged = try absence(bytes.prefix(length)) else {
                Issue.record("\(length) bytes were taken for a graph")
                continue
            }
        }
        for bit in stride(from: 0, to: bytes.count * 8, by: bytes.count > 4096 ? 11 : 1) {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(try absence(changed) != nil, "bit \(bit)")
        }
        #expect(try absence(bytes + [0]) != nil)
        #expect(try absence(bytes) == nil)
    }

    @Test("with right checksums and numbers that lead astray is refused")
    func hostile() throws {
        let kept = try Kept(60)
        try build(kept, links: 4)
        let (file, path) = (try kept.open(), kept.place.graph)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let header = try #require(bytes.withUnsafeBytes { GraphHeader(decoding: $0) })
        func isRefused(_ change: (inout Data, inout GraphHeader) -> Void) throws -> Bool {
            var (changed, header) = (bytes, header)
            change(&changed, &header)
            header.checksums = header.sections.map { section in
                changed[section].withUnsafeBytes { Checksum.crc32c($0) }
            }
            try (header.encoded() + changed.dropFirst(GraphHeader.byteCount)).write(to: URL(fileURLWithPath: path))
            do { _ = try GraphFile(over: file) } catch { return true }
            return false
        }
        func put(_ value: UInt32, _ offset: Int, _ data: inout Data) {
            withUnsafeBytes(of: value.littleEndian) { data.replaceSubrange(offset..<offset + 4, with: $0) }
        }
        let (base, levels, upper) = (header.sections[0], header.sections[1], header.sections[2])
        #expect(try !isRefused { _, _ in })
        #expect(try isRefused { data, _ in put(60, base.lowerBound + 4, &data) })
        #expect(try isRefused { data, _ in put(9, base.lowerBound, &data) })
        #expect(try isRefused { data, _ in put(.max, base.upperBound - 36, &data) })
        #expect(try isRefused { data, _ in data[levels.lowerBound + 3] = 200 })
        #expect(try isRefused { data, _ in data[levels.lowerBound + Int(header.entry)] = 0 })
        #expect(try isRefused { data, _ in put(60, upper.lowerBound + 4, &data) })
        // A row that is not on the level which it is linked on has no list there to go on with.
        let low = try #require(bytes[levels].prefix(60).firstIndex(of: 0)) - levels.lowerBound
        #expect(
            try isRefused { data, _ in
                put(1, upper.lowerBound, &data)
                put(UInt32(low), upper.lowerBound + 4, &data)
            })
        #expect(try isRefused { _, header in header.entry = 60 })
        #expect(try isRefused { _, header in header.topLevel += 1 })
        #expect(try isRefused { _, header in header.count = 59 })
        #expect(try isRefused { _, header in header.upperCount -= 1 })
        #expect(try isRefused { _, header in header.dimension = 25 })
        #expect(try isRefused { _, header in header.generation[0] ^= 1 })
    }
}

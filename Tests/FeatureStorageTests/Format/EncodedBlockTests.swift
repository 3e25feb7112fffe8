import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("A block") struct EncodedBlockTests {
    private func block(payload: [UInt8], metadata: BlockMetadata = BlockMetadata(changes: [])) throws -> EncodedBlock {
        EncodedBlock(
            BlockHeader(
                kind: .chunk, rowType: .float16, dimension: payload.count / 4, sequence: 1,
                segment: [UInt8](repeating: 1, count: 16), offset: 128),
            contents: [Sample.content(1), Sample.content(2)], payload: payload,
            metadata: try metadata.encoded())
    }

    private func features(_ block: EncodedBlock) throws -> [Float] {
        let header = block.header
        return try Matrix(rows: header.rows, columns: header.dimension) { target in
            try BlockBody(header: header, bytes: block.bytes).decodeFeatures(into: target)
        }.elements
    }

    private func halves(_ values: [Float]) -> [UInt8] {
        values.map { Float16($0).bitPattern.littleEndian }.withUnsafeBytes { Array($0) }
    }

    @Test("packs features with LZ4 where that is smaller and leaves them raw where not")
    func codecs() throws {
        var generator = SeededGenerator(seed: 5)
        let random = (0..<600).map { _ in Float(Float16(generator.uniform(-9, 9))) }
        let sparse = random.enumerated().map { $0.offset % 20 == 0 ? $0.element : 0 }
        let (raw, packed) = (try block(payload: halves(random)), try block(payload: halves(sparse)))
        #expect(raw.header.payload.codec == .raw)
        #expect(raw.header.payload.stored == 1200)
        #expect(packed.header.payload.codec == .lz4)
        #expect(packed.header.payload.stored < 400)
        #expect(try features(raw) == random)
        #expect(try features(packed) == sparse)
        #expect(raw.bytes.count == raw.header.length)
        #expect(raw.bytes.count % 64 == 0)
    }

    @Test("gives its contents and its listing changes back, in order")
    func changes() throws {
        let tricky = PictureEntry(
            path: "/p/\"a\" / \\ \n ü😀.jpg", label: "l\t", content: Sample.content(1), size: 0, modified: .min, root: ""
        )
        let changes: [ListingChange] = [
            .picture(Sample.picture(7, label: nil)), .picture(tricky), .removal(path: "/p/x"), .removal(path: "/p/y"),
            .failure(Sample.failure(3)), .picture(Sample.picture(2)), .picture(Sample.picture(1, path: "/p/twin")),
        ]
        let metadata = BlockMetadata(changes: EncodedChanges.grouped(changes, rows: [1, 5]))
        #expect(metadata.changes?.map(\.change) == [.picture, .removal, .failure, .picture])
        let block = try block(payload: halves([1, 2, 3, 4]), metadata: metadata)
        let body = BlockBody(header: block.header, bytes: block.bytes)
        #expect(try body.contents() == [1, 2].map { Sample.content($0) })
        #expect(try body.changes() == changes)
        try body.verify()
    }

    @Test("refuses changes that lack a fact")
    func incomplete() throws {
        let picture = #"{"change":"picture","path":["/a"],"label":[null],"root":["/"],"size":[1],"modified":[1]"#
        for (json, rows) in [
            (picture + #","content":[null]}"#, 0), (picture + "}", 1), (picture + #","content":[]}"#, 1),
            (picture + #","content":[null,null]}"#, 2),
            (#"{"change":"failure","path":["/a"],"root":["/"],"size":[1],"modified":[1]}"#, 0),
            (#"{"change":"failure","path":["/a"],"root":["/"],"reason":["no"],"size":[1],"modified":[]}"#, 0),
        ] {
            let changes = try JSONDecoder().decode(EncodedChanges.self, from: Data(json.utf8))
            var contents = (0..<rows).map { Sample.content($0) }[...]
            #expect(throws: FormatFault.self, "\(json)") { try changes.decoded(rows: &contents) }
        }
        for json in ["", "[]", #"{"changes":[{"change":"fancy","path":["/"]}]}"#, #"{"changes":3}"#] {
            #expect(throws: FormatFault.self) { try BlockMetadata(decoding: Array(json.utf8)) }
        }
    }
}

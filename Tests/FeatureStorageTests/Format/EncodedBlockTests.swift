import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("A block") struct EncodedBlockTests {
    private func block(
        _ rowType: RowType = .float16, features: [Float], metadata: BlockMetadata = BlockMetadata(changes: [])
    ) throws -> EncodedBlock {
        let coding = RowCoding(rowType: rowType, dimension: features.count / 2)
        let encoded = features.withUnsafeBufferPointer { coding.encode($0) }
        return EncodedBlock(
            BlockHeader(
                kind: .chunk, rowType: rowType, dimension: features.count / 2, sequence: 1,
                segment: [UInt8](repeating: 1, count: 16), offset: 128),
            contents: [Sample.content(1), Sample.content(2)],
            payload: PackedPayload(scales: encoded.scales, values: encoded.values, width: rowType.valueWidth),
            metadata: try metadata.encoded())
    }

    private func features(_ block: EncodedBlock) throws -> [Float] {
        let header = try BlockHeader(
            decoding: block.bytes, segment: block.header.segment, offset: 128,
            available: block.bytes.count)
        #expect(header == block.header)
        return try Matrix(rows: header.rows, columns: header.dimension) { target in
            try BlockBody(header: header, bytes: block.bytes).decodeFeatures(into: target)
        }.elements
    }

    @Test("keeps features of every row type in the codec that makes them smallest")
    func codecs() throws {
        var generator = SeededGenerator(seed: 5)
        let random = (0..<6000).map { _ in Float(Float16(generator.uniform(-9, 9))) }
        let sparse = random.map { generator.index(below: 2) == 0 ? $0.magnitude : 0 }
        let repeated = (0..<6000).map { Float($0 % 3000 % 50) + 1 }
        for rowType in RowType.allCases {
            let exact = rowType == .float16 || rowType == .float32
            for (values, codecs) in [(random, nil), (sparse, [.maskTree, .zeroMask]), (repeated, [PayloadCodec.lz4])] {
                let block = try block(rowType, features: values)
                if let codecs { #expect(codecs.contains(block.header.payloadCodec), "\(rowType)") }
                let found = try features(block)
                let tolerance: Float = exact ? 0 : rowType == .bfloat16 ? 0.032 : 0.1
                #expect(zip(found, values).allSatisfy { abs($0 - $1) <= tolerance }, "\(rowType)")
                #expect(block.header.payload.stored <= block.header.payload.raw)
                #expect(block.bytes.count == block.header.length)
                #expect(block.bytes.count % 64 == 0)
            }
        }
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
        let block = try block(features: [1, 2, 3, 4], metadata: metadata)
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
            (picture + #","content":[null,null]}"#, 2), (picture + #","content":[null],"split":[]}"#, 1),
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

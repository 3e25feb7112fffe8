import Tensors
import Testing

@testable import FeatureStorage

@Suite("A walk over a segment") struct SegmentScanTests {
    private func scan(_ folder: ScratchFolder) throws -> (SegmentScan, length: Int) {
        let file = try SegmentFile(StoreLayout(path: folder.store), number: 1, .read)
        let length = try file.length()
        return (try SegmentScan(file, segment: try file.header().uuid, from: 128, length: length), length)
    }

    private func written() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<12)
        try writer.finish()
        return folder
    }

    @Test("finds the description and every chunk, in order")
    func whole() throws {
        let folder = try written()
        let (scan, length) = try scan(folder)
        #expect(scan.blocks.map(\.kind) == [.space, .chunk, .chunk, .chunk])
        #expect(scan.blocks.map(\.sequence) == [1, 2, 3, 4])
        #expect(scan.end == length)
        #expect(scan.damagedRanges.isEmpty)
    }

    @Test("goes on after a damaged block and says where it was")
    func damaged() throws {
        let folder = try written()
        let blocks = try scan(folder).0.blocks
        for offset in [blocks[1].offset, blocks[1].offset + 40, blocks[1].offset + 130] {
            var bytes = try folder.bytes(folder.segment())
            bytes[offset] ^= 8
            try folder.write(bytes, to: folder.segment())
            let (scan, length) = try scan(folder)
            #expect(scan.blocks.map(\.sequence) == [1, 3, 4])
            #expect(scan.damagedRanges == [blocks[1].offset..<blocks[1].end])
            #expect(scan.end == length)
            bytes[offset] ^= 8
            try folder.write(bytes, to: folder.segment())
        }
    }

    @Test("ends where a write was cut off")
    func torn() throws {
        let folder = try written()
        let (whole, length) = try scan(folder)
        let bytes = try folder.bytes(folder.segment())
        try folder.write(bytes.dropLast(64), to: folder.segment())
        let (scan, _) = try scan(folder)
        #expect(scan.end == whole.blocks[3].offset)
        #expect(scan.blocks.count == 3)
        try folder.write(bytes + [UInt8](repeating: 0, count: 5000), to: folder.segment())
        #expect(try self.scan(folder).0.end == length)
    }

    @Test("comes to an end on bytes full of false beginnings")
    func falseBeginnings() throws {
        let folder = try written()
        let header = try folder.bytes(folder.segment())[..<128]
        let line = BlockHeader.magic + [UInt8](repeating: 0x80, count: 60)
        try folder.write(header + (0..<3000).flatMap { _ in line }, to: folder.segment())
        #expect(try scan(folder).0.blocks.isEmpty)
    }
}

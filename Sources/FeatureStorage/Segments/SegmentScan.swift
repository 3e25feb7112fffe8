import Tensors

/// What a walk over the blocks of a segment found.
struct SegmentScan {
    /// The whole blocks in the order of the file.
    private(set) var blocks: [BlockHeader] = []
    /// Damaged byte ranges with whole blocks after them.
    private(set) var damagedRanges: [Range<Int>] = []
    /// Chunks that are not whole and whose rows are: their metadata alone is damaged.
    private(set) var chunksWithWholeRows: [BlockHeader] = []
    /// Where the whole blocks end. Bytes after that are an unfinished write, or a damaged last block.
    private(set) var end: Int

    /// Walks from `start` to the end of the file, which has `length` bytes, and checks every section of every block.
    ///
    /// A writer makes each block durable before it begins the next. So a fault with a whole block after it is damage; a
    /// fault with none is a write that was cut off. Throws `InputError` where a later version wrote a block.
    init(_ file: SegmentFile, segment: [UInt8], from start: Int, length: Int) throws {
        end = start
        var offset = start
        while offset < length {
            if let block = try block(file, segment, at: offset, length) {
                if offset > end { damagedRanges.append(end..<offset) }
                blocks.append(block)
                (offset, end) = (block.end, block.end)
            } else {
                offset = try Self.nextCandidate(file, segment, after: offset, length)
            }
        }
    }

    /// The whole block at `offset`, if there is one.
    private mutating func block(
        _ file: SegmentFile, _ segment: [UInt8], at offset: Int, _ length: Int
    ) throws -> BlockHeader? {
        do {
            let header = try file.blockHeader(at: offset, segment: segment, length: length)
            let body = try file.body(of: header, upTo: header.length)
            try body.verifyRows()
            do { _ = try body.metadata() } catch let fault as FormatFault {
                if header.rows > 0 { chunksWithWholeRows.append(header) }
                throw fault
            }
            return header
        } catch let fault as FormatFault {
            guard case .unknown = fault else { return nil }
            throw fault.error("\(file.path): block at byte \(offset)")
        }
    }

    /// The next multiple of 64 after `offset` where a block's magic stands, or `length`.
    private static func nextCandidate(
        _ file: SegmentFile, _ segment: [UInt8], after offset: Int, _ length: Int
    ) throws -> Int {
        var start = (offset + 1).aligned
        while start < length {
            let bytes = try file.read(at: start, count: min(1 << 20, length - start))
            let found = stride(from: 0, to: bytes.count, by: 64).first { position in
                bytes[position...].starts(with: BlockHeader.magic)
            }
            if let found { return start + found }
            start += 1 << 20
        }
        return length
    }
}

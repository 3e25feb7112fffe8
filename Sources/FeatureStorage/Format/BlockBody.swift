import Tensors

/// The sections of a block in memory, checked and unpacked on request. Throws `FormatFault` where one is damaged.
struct BlockBody {
    let header: BlockHeader
    /// The block's bytes from its header on; at least to the end of the sections that are asked for.
    let bytes: [UInt8]

    /// The content of each row.
    func contents() throws -> [Fingerprint] {
        let count = header.rows * Fingerprint.byteCount
        return try checked(header.rowTableOffset, count, header.rowTableChecksum, "its row table") { table in
            (0..<header.rows).map { row in
                let start = row * Fingerprint.byteCount
                return Fingerprint(in: UnsafeRawBufferPointer(rebasing: table[start..<start + Fingerprint.byteCount]))
            }
        }
    }

    /// Writes the features to `target`, shape `[rows, dimension]`.
    func decodeFeatures(into target: UnsafeMutableBufferPointer<Float>) throws {
        precondition(
            target.count == header.rows * header.dimension,
            "features [\(header.rows), \(header.dimension)] into \(target.count) values")
        guard let rowType = header.rowType else { return }
        let coding = RowCoding(rowType: rowType, dimension: header.dimension)
        try withPayload(rowType) { coding.decode($0, into: target) }
    }

    /// The features as they are in the file.
    func packedPayload() throws -> PackedPayload {
        var bytes: [UInt8] = []
        try withStoredPayload { bytes = Array($0) }
        return PackedPayload(codec: header.payloadCodec, bytes: bytes, rawCount: header.payload.raw)
    }

    /// The features of some rows, packed anew; every value as it was.
    func packedPayload(rows: [Int]) throws -> PackedPayload {
        guard let rowType = header.rowType else { return .none }
        let width = rowType.valueWidth * header.dimension
        var (scales, values): ([UInt8], [UInt8]) = ([], [])
        try withPayload(rowType) { raw in
            for row in rows {
                scales += raw[row * rowType.scaleBytesPerRow..<(row + 1) * rowType.scaleBytesPerRow]
                values += raw[header.scaleBytes + row * width..<header.scaleBytes + (row + 1) * width]
            }
        }
        return PackedPayload(scales: scales, values: values, width: rowType.valueWidth)
    }

    /// The metadata.
    func metadata() throws -> BlockMetadata {
        let section = header.metadata
        return try checked(header.metadataOffset, section.stored, section.checksum, "its metadata") { stored in
            guard header.metadataCodec == .lz4 else { return try BlockMetadata(decoding: Array(stored)) }
            let raw = try [UInt8](unsafeUninitializedCapacity: section.raw) { target, initialized in
                let bytes = UnsafeMutableRawBufferPointer(target)
                try LZ4.unpack(stored, into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<section.raw]))
                initialized = section.raw
            }
            return try BlockMetadata(decoding: raw)
        }
    }

    /// The listing changes in their order.
    func changes() throws -> [ListingChange] {
        var rows = try contents()[...]
        return try (metadata().changes ?? []).flatMap { try $0.decoded(rows: &rows) }
    }

    /// Checks the checksums of all sections.
    func verify() throws {
        try verifyRows()
        _ = try metadata()
    }

    /// Checks the checksums of the row table and of the features.
    func verifyRows() throws {
        _ = try contents()
        try withStoredPayload { _ in }
    }

    /// Calls `body` with the scales and values, unpacked.
    private func withPayload(_ rowType: RowType, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try withStoredPayload { stored in
            guard header.payloadCodec != .raw else { return try body(stored) }
            let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: header.payload.raw, alignment: 64)
            defer { raw.deallocate() }
            let scales = header.scaleBytes
            raw.copyMemory(from: UnsafeRawBufferPointer(rebasing: stored[..<scales]))
            try header.payloadCodec.unpack(
                UnsafeRawBufferPointer(rebasing: stored[scales...]), width: rowType.valueWidth,
                into: UnsafeMutableRawBufferPointer(rebasing: raw[scales...]))
            try body(UnsafeRawBufferPointer(raw))
        }
    }

    private func withStoredPayload(
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let section = header.payload
        try checked(header.payloadOffset, section.stored, section.checksum, "its features", body)
    }

    private func checked<Result>(
        _ offset: Int, _ count: Int, _ checksum: UInt32, _ what: String,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        precondition(offset + count <= bytes.count, "section \(offset)+\(count) of \(bytes.count) bytes")
        return try bytes.withUnsafeBytes { all in
            let section = UnsafeRawBufferPointer(rebasing: all[offset..<offset + count])
            guard Checksum.crc32c(section) == checksum else {
                throw FormatFault.damaged("the checksum of \(what) differs")
            }
            return try body(section)
        }
    }
}

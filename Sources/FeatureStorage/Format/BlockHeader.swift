import Tensors

/// The 128 bytes before each block of a segment.
struct BlockHeader: Hashable, Sendable {
    static let byteCount = 128
    static let magic: [UInt8] = [0xFB, 0x42, 0x4C, 0x4B]
    static let largestRowCount = 1 << 16
    static let largestMetadata = 1 << 28
    /// So that there is always a number above.
    static let largestSequence: Int64 = 1 << 62
    /// Above what any section unpacks to, so that lengths can be added without a thought of overflow.
    static let largestSection = 1 << 48

    enum Kind: UInt8, Sendable { case space = 1, chunk, footer }
    /// How the metadata is packed.
    enum MetadataCodec: UInt8, Sendable { case raw = 0, lz4 }

    /// A section after the header: how long it is in the file and unpacked, and its checksum in the file.
    struct Section: Hashable, Sendable {
        var stored = 0
        var raw = 0
        var checksum: UInt32 = 0
    }

    var kind: Kind
    var rowType: RowType?
    var rows = 0
    var dimension = 0
    var sequence: Int64
    var segment: [UInt8]
    var offset: Int
    var rowTableChecksum: UInt32 = 0
    var payloadCodec = PayloadCodec.raw
    var payload = Section()
    var metadataCodec = MetadataCodec.raw
    var metadata = Section()

    /// The bytes in front of the payload that no codec touches.
    var scaleBytes: Int { rows * (rowType?.scaleBytesPerRow ?? 0) }
    var rowTableOffset: Int { Self.byteCount }
    var payloadOffset: Int { Self.byteCount + (rows * Fingerprint.byteCount).aligned }
    var metadataOffset: Int { payloadOffset + payload.stored.aligned }
    /// The whole block's length, a multiple of 64.
    var length: Int { metadataOffset + metadata.stored.aligned }
    var end: Int { offset + length }

    var encoded: [UInt8] {
        var bytes = Self.magic + [UInt8](repeating: 0, count: Self.byteCount - Self.magic.count)
        bytes.store(UInt16(Self.byteCount), at: 4)
        bytes[6] = kind.rawValue
        bytes[7] = rowType?.code ?? 0
        bytes[8] = payloadCodec.rawValue
        bytes[9] = metadataCodec.rawValue
        bytes.store(UInt32(rows), at: 12)
        bytes.store(UInt32(dimension), at: 16)
        bytes.store(sequence, at: 24)
        for (position, length) in [payload.stored, payload.raw, metadata.stored, metadata.raw].enumerated() {
            bytes.store(UInt64(length), at: 32 + 8 * position)
        }
        bytes.replaceSubrange(64..<80, with: segment)
        bytes.store(UInt64(offset), at: 80)
        bytes.store(rowTableChecksum, at: 88)
        bytes.store(payload.checksum, at: 92)
        bytes.store(metadata.checksum, at: 96)
        bytes.store(Checksum.crc32c(Array(bytes[..<124])), at: 124)
        return bytes
    }

    /// The checksum that the header ends with; the index keeps it too, so that neither can change unnoticed.
    var checksum: UInt32 { encoded.littleEndian(at: 124) }
}

extension BlockHeader {
    /// Reads a header that should stand at `offset` of the segment `segment`, with `available` bytes from there to the
    /// end of the file. Every length is checked against that before anything believes it.
    init(decoding bytes: [UInt8], segment: [UInt8], offset: Int, available: Int) throws(FormatFault) {
        guard bytes.count >= Self.byteCount, available >= Self.byteCount else { throw .damaged("it is cut off") }
        guard bytes.starts(with: Self.magic) else { throw .damaged("no block begins there") }
        guard Checksum.crc32c(Array(bytes[..<124])) == bytes.littleEndian(UInt32.self, at: 124) else {
            throw .damaged("the checksum of its header differs")
        }
        guard Array(bytes[64..<80]) == segment, bytes.littleEndian(UInt64.self, at: 80) == UInt64(offset) else {
            throw .damaged("it belongs to another place")
        }
        guard bytes.littleEndian(UInt16.self, at: 4) == Self.byteCount, bytes.littleEndian(UInt16.self, at: 10) == 0,
            let kind = Kind(rawValue: bytes[6])
        else { throw .unknown("is a block of another layout or kind (\(bytes[6]))") }
        guard let payloadCodec = PayloadCodec(rawValue: bytes[8]),
            let metadataCodec = MetadataCodec(rawValue: bytes[9])
        else {
            throw .unknown("uses the codecs \(bytes[8]) and \(bytes[9])")
        }
        let rowType = RowType(code: bytes[7])
        guard rowType != nil || bytes[7] == 0 else { throw .unknown("holds rows of type \(bytes[7])") }
        self.init(
            kind: kind, rowType: rowType, rows: Int(bytes.littleEndian(UInt32.self, at: 12)),
            dimension: Int(bytes.littleEndian(UInt32.self, at: 16)), sequence: bytes.littleEndian(at: 24),
            segment: segment, offset: offset, rowTableChecksum: bytes.littleEndian(at: 88),
            payloadCodec: payloadCodec,
            payload: try Self.section(bytes, lengthsAt: 32, checksumAt: 92, available),
            metadataCodec: metadataCodec,
            metadata: try Self.section(bytes, lengthsAt: 48, checksumAt: 96, available))
        guard bytes.starts(with: encoded) else { throw .unknown("sets bytes that are reserved") }
        try checkShape(available: available)
    }

    private static func section(
        _ bytes: [UInt8], lengthsAt offset: Int, checksumAt checksum: Int, _ available: Int
    ) throws(FormatFault) -> Section {
        guard let stored = Int(exactly: bytes.littleEndian(UInt64.self, at: offset)), stored <= available,
            let raw = Int(exactly: bytes.littleEndian(UInt64.self, at: offset + 8)), raw <= Self.largestSection
        else { throw impossibleLengths }
        return Section(stored: stored, raw: raw, checksum: bytes.littleEndian(at: checksum))
    }

    private static let impossibleLengths = FormatFault.damaged("it claims lengths that the file cannot hold")

    private func checkShape(available: Int) throws(FormatFault) {
        guard rows <= Self.largestRowCount, dimension <= FeatureSpace.largestDimension,
            metadata.raw <= Self.largestMetadata, (1...Self.largestSequence).contains(sequence), length <= available
        else { throw .damaged("it claims \(rows) rows of \(dimension) values in \(available) bytes") }
        let expected = rows > 0 ? rows * (rowType?.bytesPerRow(dimension: dimension) ?? 0) : 0
        guard payload.raw == expected, rows == 0 || (kind == .chunk && expected > 0) else {
            throw .damaged("its lengths do not fit \(rows) rows of \(dimension) values")
        }
        let isMetadataPossible =
            metadataCodec == .raw
            ? metadata.stored == metadata.raw : LZ4.canUnpack(metadata.stored, to: metadata.raw)
        guard isMetadataPossible, isPayloadPossible else { throw Self.impossibleLengths }
    }

    private var isPayloadPossible: Bool {
        guard rows > 0, let rowType else { return payloadCodec == .raw && payload.stored == 0 }
        return payload.stored >= scaleBytes
            && payloadCodec.canHold(
                stored: payload.stored - scaleBytes, raw: payload.raw - scaleBytes, width: rowType.valueWidth)
    }
}

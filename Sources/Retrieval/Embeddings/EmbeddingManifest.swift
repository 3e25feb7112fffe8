import Foundation
import Tensors

/// What the rows of kept embeddings are of, as it is written beside them:
///
/// | offset | bytes | content |
/// |---|---|---|
/// | 0 | 8 | magic `FC 45 4D 42 0D 0A 1A 0A` |
/// | 8 | 4 | version, 1 |
/// | 12 | 4 | dimension |
/// | 16 | 32 | what the embeddings are of |
/// | 48 | 16 | generation: random, another one whenever rows get other places |
/// | 64 | 8 | number of groups |
/// | 72 | 40 each | groups: identity (32), rows (4), CRC-32C of their bytes (4) |
/// | end - 4 | 4 | CRC-32C of everything before |
///
/// Integers are little-endian and unsigned. The rows of the groups lie one group after the other.
struct EmbeddingManifest: Equatable {
    /// Rows that were made together and are named together.
    struct Group: Equatable {
        let identity: Fingerprint
        let rows: Int
        let checksum: UInt32
    }

    let dimension: Int
    let source: Fingerprint
    let generation: [UInt8]
    var groups: [Group] = []

    private static let magic: [UInt8] = [0xFC, 0x45, 0x4D, 0x42, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let version: UInt32 = 1
    private static let (headerBytes, groupBytes) = (72, 40)
    static let largestDimension = 1 << 20

    /// The number of rows.
    var rowCount: Int { groups.reduce(0) { $0 + $1.rows } }

    /// The bytes of the file.
    func encoded() -> Data {
        var data = Data(Self.magic)
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
        }
        append(Self.version)
        append(UInt32(dimension))
        data.append(contentsOf: source.bytes)
        data.append(contentsOf: generation)
        append(UInt64(groups.count))
        for group in groups {
            data.append(contentsOf: group.identity.bytes)
            append(UInt32(group.rows))
            append(group.checksum)
        }
        append(data.withUnsafeBytes { Checksum.crc32c($0) })
        return data
    }

    /// Reads the bytes of a file; nil where they are not one as `encoded()` makes it.
    init?(decoding data: Data) {
        let parsed: EmbeddingManifest? = data.withUnsafeBytes { bytes in
            guard bytes.count >= Self.headerBytes + 4, bytes.prefix(8).elementsEqual(Self.magic) else { return nil }
            func number<Value: FixedWidthInteger>(_ offset: Int, _: Value.Type) -> Value {
                Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
            }
            let end = bytes.count - 4
            let checksum = Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
            let (dimension, count) = (Int(number(12, UInt32.self)), number(64, UInt64.self))
            guard number(8, UInt32.self) == Self.version, number(end, UInt32.self) == checksum,
                (1...Self.largestDimension).contains(dimension),
                count == UInt64((end - Self.headerBytes) / Self.groupBytes),
                (end - Self.headerBytes) % Self.groupBytes == 0, let source = Fingerprint(bytes: bytes[16..<48])
            else { return nil }
            var manifest = EmbeddingManifest(
                dimension: dimension, source: source, generation: Array(bytes[48..<64]))
            for start in stride(from: Self.headerBytes, to: end, by: Self.groupBytes) {
                guard let identity = Fingerprint(bytes: bytes[start..<start + 32]) else { return nil }
                manifest.groups.append(
                    Group(
                        identity: identity, rows: Int(number(start + 32, UInt32.self)),
                        checksum: number(start + 36, UInt32.self)))
            }
            return manifest
        }
        guard let parsed else { return nil }
        self = parsed
    }

    /// A manifest without rows.
    init(dimension: Int, source: Fingerprint, generation: [UInt8]) {
        (self.dimension, self.source, self.generation) = (dimension, source, generation)
    }

    /// A generation that nothing else has.
    static func newGeneration() -> [UInt8] { withUnsafeBytes(of: UUID().uuid) { Array($0) } }
}

import Foundation
import Tensors

/// The first 128 bytes of a file with a graph; three sections follow.
///
/// | offset | bytes | content |
/// |---|---|---|
/// | 0 | 8 | magic `FC 48 4E 53 0D 0A 1A 0A` |
/// | 8 | 4 | version, 1 |
/// | 12 | 4 | m: links of a row on a level above 0 |
/// | 16 | 4 | candidates while a row was added |
/// | 20 | 4 | dimension of the vectors |
/// | 24 | 32 | what the vectors are of |
/// | 56 | 16 | generation of the vectors |
/// | 72 | 8 | rows: the first so many vectors |
/// | 80 | 4 | the row that searches begin at |
/// | 84 | 4 | its level |
/// | 88 | 8 | numbers in the third section |
/// | 96 | 16 | 0 |
/// | 112 | 12 | CRC-32C of each section |
/// | 124 | 4 | CRC-32C of bytes 0 to 123 |
///
/// 1. for each row `1 + 2 m` numbers of 4 bytes: how many links on level 0, then the linked rows, then zeros;
/// 2. for each row a byte, its level, filled up with zeros to a multiple of 4;
/// 3. for each row and each of its levels above 0, from 1, `1 + m` numbers of the same kind.
///
/// Integers are little-endian and unsigned.
struct GraphHeader: Equatable {
    var parameters: GraphParameters
    var dimension: Int
    var source: Fingerprint
    var generation: [UInt8]
    var count = 0
    var entry: UInt32 = 0
    var topLevel: UInt32 = 0
    var upperCount = 0
    var checksums: [UInt32] = [0, 0, 0]

    static let byteCount = 128
    private static let magic: [UInt8] = [0xFC, 0x48, 0x4E, 0x53, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let version: UInt32 = 1

    /// Where each section begins, and where the last ends.
    var sections: [Range<Int>] {
        let base = Self.byteCount + count * (1 + 2 * parameters.links) * 4
        let levels = base + (count + 3) / 4 * 4
        return [Self.byteCount..<base, base..<levels, levels..<levels + upperCount * 4]
    }

    init(parameters: GraphParameters, dimension: Int, source: Fingerprint, generation: [UInt8]) {
        (self.parameters, self.dimension) = (parameters, dimension)
        (self.source, self.generation) = (source, generation)
    }

    func encoded() -> Data {
        var data = Data(Self.magic)
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
        }
        append(Self.version)
        for value in [parameters.links, parameters.constructionEffort, dimension] { append(UInt32(value)) }
        data.append(contentsOf: source.bytes)
        data.append(contentsOf: generation)
        append(UInt64(count))
        append(entry)
        append(topLevel)
        append(UInt64(upperCount))
        data.append(Data(count: 16))
        checksums.forEach(append)
        append(data.withUnsafeBytes { Checksum.crc32c($0) })
        return data
    }

    /// Reads the header of a file of `bytes`; nil where that is none as `encoded()` makes it, or the file has another length than it says.
    init?(decoding bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.byteCount, bytes.prefix(8).elementsEqual(Self.magic) else { return nil }
        func number(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        func long(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        let (links, effort) = (Int(number(12)), Int(number(16)))
        guard number(8) == Self.version,
            number(124) == Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<124])),
            GraphParameters.linkRange.contains(links), GraphParameters.effortRange.contains(effort),
            // More could not lie in the file, and no sum below can overflow.
            long(72) <= UInt64(bytes.count), long(88) <= UInt64(bytes.count), long(72) <= UInt64(UInt32.max),
            let source = Fingerprint(bytes: bytes[24..<56])
        else { return nil }
        self.init(
            parameters: GraphParameters(links: links, constructionEffort: effort), dimension: Int(number(20)),
            source: source, generation: Array(bytes[56..<72]))
        (count, upperCount) = (Int(long(72)), Int(long(88)))
        (entry, topLevel) = (number(80), number(84))
        checksums = [number(112), number(116), number(120)]
        guard sections[2].upperBound == bytes.count else { return nil }
    }
}

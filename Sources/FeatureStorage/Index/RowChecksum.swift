import Foundation
import GRDB
import Tensors

/// The checksum in the last column of every row: CRC-32C over the table's name and the row's other values. SQLite would give
/// a value that changed on the disk as if it had been written.
struct RowChecksum {
    private let table: IndexTable
    private var bytes: [UInt8] = []
    private let start: Int

    /// For the rows of a table, one after the other.
    init(_ table: IndexTable) {
        self.table = table
        Self.append(Array(table.name.utf8), Self.textTag, to: &bytes)
        start = bytes.count
    }

    /// The checksum of a row of these values.
    mutating func value(of values: [IndexValue]) -> Int32 {
        precondition(values.count == table.columns.count, "\(values.count) values for the table \(table.name)")
        bytes.removeSubrange(start...)
        for value in values {
            switch value {
            case .null: bytes.append(Self.nullTag)
            case .integer(let number): Self.append(number, to: &bytes)
            case .text(let text): Self.append(text.utf8, Self.textTag, to: &bytes)
            case .blob(let data): Self.append(data, Self.blobTag, to: &bytes)
            }
        }
        return finish()
    }

    /// Whether a row that SQLite gave, all columns and the checksum, is the one that was written.
    mutating func isRight(_ row: Row) throws -> Bool {
        bytes.removeSubrange(start...)
        for (position, column) in table.columns.enumerated() {
            guard !row.hasNull(atIndex: position) else {
                bytes.append(Self.nullTag)
                continue
            }
            switch column.type {
            case .integer: Self.append(row[position] as Int64, to: &bytes)
            case .text, .blob:
                let tag = column.type == .text ? Self.textTag : Self.blobTag
                try row.withUnsafeData(atIndex: position) { Self.append($0 ?? Data(), tag, to: &bytes) }
            }
        }
        return (row[table.columns.count] as Int64?) == Int64(finish())
    }

    private func finish() -> Int32 { Int32(bitPattern: Checksum.crc32c(bytes)) }

    private static let (nullTag, integerTag) = (UInt8(ascii: "n"), UInt8(ascii: "i"))
    private static let (textTag, blobTag) = (UInt8(ascii: "t"), UInt8(ascii: "b"))

    private static func append(_ number: Int64, to bytes: inout [UInt8]) {
        bytes.append(integerTag)
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func append(_ value: some Collection<UInt8>, _ tag: UInt8, to bytes: inout [UInt8]) {
        bytes.append(tag)
        withUnsafeBytes(of: UInt32(value.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: value)
    }
}

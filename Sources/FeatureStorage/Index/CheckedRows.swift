import GRDB
import Tensors

/// Reads rows of the index and checks each against its checksum.
struct CheckedRows {
    let database: Database
    /// Changes of this transaction that the totals do not know of yet.
    var pending: IndexChanges?

    /// Every row of a table, in the order of its key. Throws `InputError` where a row is not the one that was written, or
    /// where rows have vanished or come in.
    func forEach(_ table: IndexTable, _ body: (Row) throws -> Void) throws {
        var (count, sum): (Int64, Int64) = (0, 0)
        try forEach(table, condition: "") { row in
            count += 1
            sum += Self.unsigned(row[table.columns.count])
            try body(row)
        }
        let total = try total(of: table)
        guard count == total.rows, sum == total.sum else {
            throw IndexQueries.damaged("the table \(table.name), which has \(count) rows of \(total.rows),")
        }
    }

    /// The rows that fulfill a condition such as `WHERE chunk_id = ?`.
    func forEach(
        _ table: IndexTable, condition: String, _ arguments: [IndexValue] = [], _ body: (Row) throws -> Void
    ) throws {
        let statement = try database.cachedStatement(sql: "\(table.selection) \(condition)")
        let rows = try Row.fetchCursor(statement, arguments: StatementArguments(arguments.map(\.databaseValue)))
        var checksum = RowChecksum(table)
        while let row = try rows.next() {
            guard try checksum.isRight(row) else { throw IndexQueries.damaged("a row of the table \(table.name)") }
            try body(row)
        }
    }

    /// The row with a key; nil where there is none.
    func row(_ table: IndexTable, key: [IndexValue]) throws -> Row? {
        var found: Row?
        try forEach(table, condition: table.keyCondition, key) { found = $0.copy() }
        return found
    }

    /// How many rows a table has, and the sum of their checksums.
    func total(of table: IndexTable) throws -> (rows: Int64, sum: Int64) {
        guard let row = try row(.totals, key: [.text(table.name)]) else {
            throw IndexQueries.damaged("the table totals, which lacks \(table.name),")
        }
        let difference = pending?.difference(of: table) ?? (rows: 0, sum: 0)
        return (row[1] + difference.rows, row[2] + difference.sum)
    }

    /// A checksum as a term of the sum.
    static func unsigned(_ checksum: Int64) -> Int64 { Int64(UInt32(truncatingIfNeeded: checksum)) }
}

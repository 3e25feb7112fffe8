import GRDB
import Tensors

/// Changes rows of the index within one transaction, and keeps their checksums and the totals right.
final class IndexChanges {
    let database: Database
    private let rows: CheckedRows
    /// By how much the totals of each table have to change.
    private var differences: [String: (table: IndexTable, rows: Int64, sum: Int64)] = [:]
    /// How many rows tables had when the transaction began, of those that somebody asked about.
    private var rowCounts: [String: Int64] = [:]

    init(_ database: Database) {
        self.database = database
        rows = CheckedRows(database: database)
    }

    /// Adds a row. Its values are those of the table's columns, in their order.
    func insert(_ table: IndexTable, _ values: [IndexValue]) throws {
        try write("INSERT", table, values)
    }

    /// Adds a row or puts it in the place of the one with the same key.
    func replace(_ table: IndexTable, _ values: [IndexValue]) throws {
        if try !isEmpty(table), let old = try rows.row(table, key: Array(values.prefix(table.keyCount))) {
            discount(table, old)
        }
        try write("INSERT OR REPLACE", table, values)
    }

    /// Takes out the row with a key. False where there was none.
    @discardableResult
    func delete(_ table: IndexTable, key: [IndexValue]) throws -> Bool {
        guard try !isEmpty(table), let old = try rows.row(table, key: key) else { return false }
        discount(table, old)
        try database.cachedStatement(sql: "DELETE FROM \(table.name) \(table.keyCondition)")
            .execute(arguments: StatementArguments(key.map(\.databaseValue)))
        return true
    }

    /// Takes out the rows that fulfill a condition such as `WHERE chunk_id = ?`.
    func delete(_ table: IndexTable, condition: String, _ arguments: [IndexValue]) throws {
        try rows.forEach(table, condition: condition, arguments) { discount(table, $0) }
        try database.cachedStatement(sql: "DELETE FROM \(table.name) \(condition)")
            .execute(arguments: StatementArguments(arguments.map(\.databaseValue)))
    }

    /// Takes out all rows of a table, whatever they are.
    func empty(_ table: IndexTable) throws {
        try database.execute(sql: "DELETE FROM \(table.name)")
        differences[table.name] = nil
        rowCounts[table.name] = 0
        try writeTotal(table, rows: 0, sum: 0)
    }

    /// Whether a table has no rows, which is asked for every picture of tables that mostly have none.
    private func isEmpty(_ table: IndexTable) throws -> Bool {
        guard table.name != IndexTable.totals.name else { return false }
        let before = try rowCounts[table.name] ?? rows.total(of: table).rows
        rowCounts[table.name] = before
        return before + (differences[table.name]?.rows ?? 0) == 0
    }

    /// Brings the totals up to date; to be called once, before the transaction is committed.
    func finish() throws {
        for (table, rows, sum) in differences.values.sorted(by: { $0.table.name < $1.table.name }) {
            let total = try self.rows.total(of: table)
            try writeTotal(table, rows: total.rows + rows, sum: total.sum + sum)
        }
        differences.removeAll()
        rowCounts.removeAll()
    }

    /// By how much a table has changed since the totals were written.
    func difference(of table: IndexTable) -> (rows: Int64, sum: Int64) {
        differences[table.name].map { ($0.rows, $0.sum) } ?? (0, 0)
    }

    private func writeTotal(_ table: IndexTable, rows: Int64, sum: Int64) throws {
        try write("INSERT OR REPLACE", .totals, [.text(table.name), .integer(rows), .integer(sum)])
    }

    private func write(_ verb: String, _ table: IndexTable, _ values: [IndexValue]) throws {
        var checksum = RowChecksum(table)
        let check = checksum.value(of: values)
        try database.cachedStatement(sql: "\(verb) \(table.insertion)")
            .execute(arguments: StatementArguments(values.map(\.databaseValue) + [check.databaseValue]))
        count(table, rows: 1, sum: CheckedRows.unsigned(Int64(check)))
    }

    private func discount(_ table: IndexTable, _ row: Row) {
        count(table, rows: -1, sum: -CheckedRows.unsigned(row[table.columns.count]))
    }

    private func count(_ table: IndexTable, rows: Int64, sum: Int64) {
        guard table.name != IndexTable.totals.name else { return }
        let old = differences[table.name] ?? (table, 0, 0)
        differences[table.name] = (table, old.rows + rows, old.sum + sum)
    }
}

extension IndexChanges {
    /// Takes a chunk out of the index, with the rows that count in it.
    func forget(chunk: Int64) throws {
        try delete(.features, condition: "WHERE chunk_id = ?", [.integer(chunk)])
        try delete(.chunks, key: [.integer(chunk)])
    }

    /// Takes the chunks of a segment out of the index and marks the segment as one whose file is to be taken away.
    func retire(segment number: Int) throws {
        try delete(.chunks, condition: "WHERE segment_id = ?", [.integer(number)])
        guard let segment = try IndexQueries(self).segment(number) else { return }
        try replace(
            .segments,
            [
                .integer(number), .text(Hexadecimal.string(of: segment.uuid)), .integer(segment.spaceID),
                .integer(segment.committedLength), 2,
            ])
    }
}

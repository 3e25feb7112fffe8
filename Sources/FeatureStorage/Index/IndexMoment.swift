import Foundation
import GRDB

/// A state of the index as one reader saw it: two that are equal are of the same state, whatever was committed in between others.
struct IndexMoment: Hashable, Sendable {
    /// The reader's own.
    private let reader: UUID
    /// What SQLite counts the commits of others by, for each connection anew.
    private let version: Int64

    /// The state that a transaction of a reader sees.
    init(_ reader: UUID, _ queries: IndexQueries) throws {
        self.reader = reader
        version = try Int64.fetchOne(queries.rows.database, sql: "PRAGMA data_version") ?? 0
    }
}

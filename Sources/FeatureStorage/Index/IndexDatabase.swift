import CSQLite
import Foundation
import GRDB
import Tensors

/// The SQLite file of a store. A rollback journal, never WAL: readers need no right to write, and no version of SQLite
/// that people have loses a commit.
final class IndexDatabase: Sendable {
    private let queue: DatabaseQueue
    private let path: String

    private init(_ path: String, _ queue: DatabaseQueue) { (self.path, self.queue) = (path, queue) }

    /// Opens the index of a store for reading.
    static func openForReading(_ layout: StoreLayout) throws -> IndexDatabase {
        guard let index = try openIfMade(layout) else {
            throw InputError(
                layout.index, "is empty", remedy: "Run `finetuner-cache repair`: it makes the index from the segments.")
        }
        return index
    }

    /// The same; nil where its first writer was stopped before it had made the tables.
    static func openIfMade(_ layout: StoreLayout) throws -> IndexDatabase? {
        try translating(layout.index) {
            let index: IndexDatabase
            do { index = try open(layout.index, readonly: true) } catch let error as DatabaseError {
                guard error.extendedResultCode == .SQLITE_READONLY_ROLLBACK else { throw error }
                try undoUnfinishedCommit(layout.index)
                index = try open(layout.index, readonly: true)
            }
            guard try !index.isNew else { return nil }
            try index.requireOwnFile()
            return index
        }
    }

    /// Whether a writer was killed in the middle of a commit that has to be undone before anybody can read.
    static func isUnfinished(_ layout: StoreLayout) throws -> Bool {
        try translating(layout.index) {
            do {
                try open(layout.index, readonly: true).queue.close()
                return false
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK {
                return true
            }
        }
    }

    /// Opens the index of a store for its writer, and makes it where it is missing or was never finished.
    static func openForWriting(_ layout: StoreLayout) throws -> (index: IndexDatabase, isNew: Bool) {
        try translating(layout.index) {
            let index = try open(layout.index, readonly: false)
            let isNew = try index.isNew
            if !isNew { try index.requireOwnFile() }
            try index.queue.writeWithoutTransaction { database in
                _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE")
                // EXTRA is FULL, and the folder is flushed once the journal is unlinked: else a power cut could bring the
                // journal back, and with it the state before a commit that was acknowledged.
                try database.execute(sql: "PRAGMA synchronous = EXTRA")
            }
            if isNew {
                try index.createTables()
                try AtomicFile.synchronizeFolder(layout.path)
            }
            return (index, isNew)
        }
    }

    /// Throws `InputError` where the folder has an `index.sqlite` that is no store's, before anything is made beside it. A
    /// folder with a lock file has had a writer; there the writer itself looks, under the lock.
    static func refuseForeign(_ layout: StoreLayout) throws {
        guard layout.hasIndex, !FileManager.default.fileExists(atPath: layout.lock) else { return }
        try translating(layout.index) {
            do {
                let index = try open(layout.index, readonly: true)
                let isNew = try index.isNew
                if !isNew { try index.requireOwnFile() }
                try index.queue.close()
            } catch let error as DatabaseError where error.resultCode == .SQLITE_READONLY {
                // The middle of a commit, which only a connection that may write can undo.
            }
        }
    }

    /// Calls `body` with one consistent state of the index. Where a writer was killed in a commit since the index was opened,
    /// that is undone first.
    func read<Result>(_ body: (IndexQueries) throws -> Result) throws -> Result {
        try Self.translating(path) {
            func transaction() throws -> Result {
                try queue.read { database in
                    // Takes the lock, or finds a commit to undo, before `body` has begun.
                    try Self.lookingAgain { _ = try Int.fetchOne(database, sql: "PRAGMA schema_version") }
                    return try body(IndexQueries(database))
                }
            }
            do { return try transaction() } catch let error as DatabaseError {
                guard error.extendedResultCode == .SQLITE_READONLY_ROLLBACK else { throw error }
                try Self.undoUnfinishedCommit(path)
                return try transaction()
            }
        }
    }

    /// In the instant when one commit ends and the next begins, SQLite can take the journal of the second for one that a
    /// killed writer left. So that is looked at again before it is believed.
    private static func lookingAgain<Result>(_ body: () throws -> Result) throws -> Result {
        for _ in 0..<20 {
            do { return try body() } catch let error as DatabaseError {
                guard error.extendedResultCode == .SQLITE_READONLY_ROLLBACK else { throw error }
                usleep(5000)
            }
        }
        return try body()
    }

    /// Runs `body` in a transaction that is on the disk when this returns.
    func write(_ body: (IndexChanges) throws -> Void) throws {
        try Self.translating(path) {
            try queue.inTransaction(.immediate) { database in
                let changes = IndexChanges(database)
                try body(changes)
                try changes.finish()
                return .commit
            }
        }
    }

    /// Has SQLite look over its pages. Throws `InputError` with the first thing that it finds.
    func requireSoundPages(_ queries: IndexQueries, full: Bool) throws {
        let check = full ? "integrity_check" : "quick_check"
        let found = try String.fetchAll(queries.rows.database, sql: "PRAGMA \(check)(1)")
        guard found == ["ok"] else {
            throw InputError(
                path, "is damaged: \(found.first ?? "SQLite says nothing")",
                remedy: "Run `finetuner-cache repair`: it rebuilds the index from the segments.")
        }
    }

    /// Writes the whole index anew, without the gaps that rows in random order leave. Where that fails, for lack of space
    /// above all, the index is as it was and as good.
    func compact() {
        try? queue.writeWithoutTransaction { database in
            let connection = UnsafeMutableRawPointer(database.sqliteConnection)
            ftc_sqlite_limit_attached(connection, 1)
            defer { ftc_sqlite_limit_attached(connection, 0) }
            try database.execute(sql: "VACUUM")
        }
    }

    func close() throws { try Self.translating(path) { try queue.close() } }

    /// Bytes of pages that a connection keeps in memory, and the most that it may be asked to keep.
    private static let (smallestCache, largestCache) = (64 << 20, 4 << 30)

    /// Makes room in memory for an index of about `bytes`, for a transaction that writes all of it: pages that do not fit are written
    /// and read again for almost every picture, as pictures come in another order than that of their paths.
    func reserveCache(forIndexOf bytes: Int) throws {
        let size = min(max(bytes, Self.smallestCache), Self.largestCache)
        try Self.translating(path) {
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA cache_size = -\(size >> 10)") }
        }
    }

    private static func open(_ path: String, readonly: Bool) throws -> IndexDatabase {
        var configuration = Configuration()
        configuration.readonly = readonly
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(60)
        configuration.prepareDatabase { database in
            let code = ftc_sqlite_harden(UnsafeMutableRawPointer(database.sqliteConnection))
            guard code == 0 else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
            try database.execute(
                sql: """
                    PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;
                    PRAGMA cache_size = -\(Self.smallestCache >> 10)
                    """)
        }
        let queue = try lookingAgain { try DatabaseQueue(path: path, configuration: configuration) }
        return IndexDatabase(path, queue)
    }

    private func createTables() throws {
        try queue.writeWithoutTransaction { database in
            // Has an effect only before the first table is made.
            try database.execute(sql: "PRAGMA page_size = \(IndexSchema.pageSize)")
        }
        try write { changes in
            try changes.database.execute(
                sql: """
                    PRAGMA application_id = \(IndexSchema.applicationID);
                    PRAGMA user_version = \(IndexSchema.version);
                    \(IndexSchema.statements)
                    """)
            for table in IndexTable.counted { try changes.empty(table) }
            let uuid = withUnsafeBytes(of: UUID().uuid) { Hexadecimal.string(of: Array($0)) }
            try changes.insert(.meta, ["store_uuid", .text(uuid)])
            try changes.insert(.meta, ["last_sequence", "0"])
        }
    }

    /// Whether nobody has made its tables.
    private var isNew: Bool {
        get throws { try queue.read { try Int.fetchOne($0, sql: "PRAGMA schema_version") } == 0 }
    }

    private func requireOwnFile() throws {
        let (application, version) = try queue.read { database in
            (
                try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
                try Int32.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            )
        }
        guard application == IndexSchema.applicationID else {
            throw InputError(
                path, "is a SQLite database of another application (application_id \(application))",
                remedy: "Give another folder for the store.")
        }
        guard version == IndexSchema.version else {
            throw InputError(
                path, "has index version \(version); this finetuner-cache reads version \(IndexSchema.version)",
                remedy: version > IndexSchema.version
                    ? "Use a newer finetuner-cache."
                    : "Run `finetuner-cache repair`: it makes the index anew from the segments.")
        }
    }

    /// A writer was killed in the middle of a commit: SQLite rolls it back as soon as somebody who may write looks.
    private static func undoUnfinishedCommit(_ path: String) throws {
        do {
            let index = try open(path, readonly: false)
            _ = try index.queue.read { try Int.fetchOne($0, sql: "PRAGMA schema_version") }
            try index.queue.close()
        } catch is DatabaseError {
            throw InputError(
                path, "was left in the middle of a commit, which takes the right to write there to undo",
                remedy: "Run `finetuner-cache build` once, or copy the whole store to a place where you may write.")
        }
    }

    private static func translating<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as DatabaseError { throw explained(error, path) }
    }

    private static func explained(_ error: DatabaseError, _ path: String) -> InputError {
        let fact = error.message ?? error.resultCode.description
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return InputError(
                path, "is damaged or is not a SQLite database: \(fact)",
                remedy: "Run `finetuner-cache repair`: it rebuilds the index from the segments.")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return InputError(path, "was locked by another process for a minute", remedy: "Try again later.")
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            return InputError(path, "cannot be used: \(fact)", remedy: "Check the space and the rights there.")
        default:
            return InputError(path, "gave the SQLite error \(error.extendedResultCode.rawValue): \(fact)")
        }
    }
}

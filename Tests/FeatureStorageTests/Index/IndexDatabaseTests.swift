import Foundation
import GRDB
import Tensors
import Testing

@testable import FeatureStorage

@Suite("The index") struct IndexDatabaseTests {
    private func written() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.append(samples: 0..<6)
        try writer.recordFailure(Sample.failure(99))
        try writer.finish()
        return folder
    }

    @Test("of another application, of a newer version, empty or not SQLite at all is refused by name")
    func foreign() throws {
        let changes = [
            ("PRAGMA application_id = 77", "another application"), ("PRAGMA user_version = 4", "index version 4"),
            ("PRAGMA user_version = 1", "index version 1"),
        ]
        for (sql, fact) in changes {
            let folder = try written()
            try DatabaseQueue(path: folder.index).writeWithoutTransaction { try $0.execute(sql: sql) }
            for error in try errors(folder) {
                #expect(error.object == folder.index)
                #expect(error.fact.contains(fact))
            }
        }
        let folder = try written()
        try folder.write([UInt8](repeating: 65, count: 10_000), to: folder.index)
        for error in try errors(folder) { #expect(error.fact.contains("not a SQLite database")) }
        try folder.write([], to: folder.index)
        let empty = #expect(throws: InputError.self) { try FeatureStore(path: folder.store) }
        #expect(empty?.fact == "is empty")
        #expect(try FeatureStoreWriter(small: folder.store).recovery.indexRebuilt)
    }

    private func errors(_ folder: ScratchFolder) throws -> [InputError] {
        let reading = #expect(throws: InputError.self) { try FeatureStore(path: folder.store) }
        let writing = #expect(throws: InputError.self) { _ = try FeatureStoreWriter(small: folder.store) }
        return [try #require(reading), try #require(writing)]
    }

    @Test("does not get the journal mode of another application's database changed")
    func foreignJournal() throws {
        let folder = try ScratchFolder()
        try FileManager.default.createDirectory(atPath: folder.store, withIntermediateDirectories: true)
        try DatabasePool(path: folder.index).write { try $0.execute(sql: "CREATE TABLE t (x)") }
        #expect(throws: InputError.self) { _ = try FeatureStoreWriter(small: folder.store) }
        let mode = try DatabaseQueue(path: folder.index).read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
        #expect(mode == "wal")
    }

    @Test("keeps a rollback journal and no foreign key that points nowhere")
    func sound() throws {
        let folder = try written()
        let queue = try DatabaseQueue(path: folder.index)
        let (mode, check, dangling) = try queue.read { database in
            (
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try String.fetchOne(database, sql: "PRAGMA integrity_check"),
                try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").count
            )
        }
        #expect((mode, check, dangling) == ("delete", "ok", 0))
    }

    @Test("cannot be made to run what a crafted file brings")
    func hardened() throws {
        let folder = try written()
        let (index, _) = try IndexDatabase.openForWriting(StoreLayout(path: folder.store))
        for sql in [
            "ATTACH DATABASE ':memory:' AS other", "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = ''",
            "SELECT randomblob(100000000)",
        ] {
            let error = #expect(throws: InputError.self, "\(sql)") {
                try index.write { _ = try Row.fetchAll($0.database, sql: sql) }
            }
            #expect(error != nil)
        }
        try index.close()
    }

    @Test("is written anew without gaps where many rows came in")
    func compaction() throws {
        let folder = try ScratchFolder()
        var writer = try FeatureStoreWriter(path: folder.store, space: Sample.space())
        var numbers = Array(0..<3000)
        var generator = SeededGenerator(seed: 5)
        generator.shuffle(&numbers)
        try writer.append(samples: numbers)
        try writer.commit()
        let loose = try folder.bytes(folder.index).count
        try writer.finish()
        let compact = try folder.bytes(folder.index).count
        #expect(compact < loose * 19 / 20, "\(loose) bytes before, \(compact) after")
        #expect(try StoreContents(path: folder.store).pictures == 3000)
    }

    @Test("has the columns that its tables are described with")
    func columns() throws {
        let folder = try written()
        try DatabaseQueue(path: folder.index).read { database in
            for table in IndexTable.counted + [.totals] {
                let found = try Row.fetchAll(database, sql: "PRAGMA table_info(\(table.name))")
                #expect(
                    found.map { $0["name"] as String } == table.columns.map(\.name) + ["row_check"], "\(table.name)")
                let key = found.filter { ($0["pk"] as Int) > 0 }.sorted { ($0["pk"] as Int) < ($1["pk"] as Int) }
                #expect(key.map { $0["name"] as String } == table.columns.prefix(table.keyCount).map(\.name))
            }
            let tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
            #expect(try Int.fetchOne(database, sql: tables) == IndexTable.counted.count + 1)
        }
    }

    @Test("with any value changed, or any row gone or doubled, behind its writer's back is called damaged")
    func changed() throws {
        let folder = try rich()
        let bytes = try folder.bytes(folder.index)
        _ = try everything(folder)
        var loose = Configuration()
        loose.foreignKeysEnabled = false
        var changes = 0
        for table in IndexTable.counted + [.totals] {
            let columns = table.columns.map(\.name) + ["row_check"]
            let updates = columns.map { column in
                "UPDATE \(table.name) SET \(column) = CASE typeof(\(column)) WHEN 'integer' THEN \(column) + 1 "
                    + "WHEN 'null' THEN 7 ELSE \(column) || 'x' END WHERE (\(table.columns[0].name)) = "
                    + "(SELECT max(\(table.columns[0].name)) FROM \(table.name))"
            }
            for sql in updates + ["DELETE FROM \(table.name)"] {
                let affected = try DatabaseQueue(path: folder.index, configuration: loose).write { database in
                    try database.execute(sql: sql)
                    return database.changesCount
                }
                #expect(affected > 0, "\(sql)")
                let error = #expect(throws: InputError.self, "\(sql)") { try everything(folder) }
                #expect(error?.fact.contains("damaged") == true, "\(sql): \(String(describing: error))")
                try folder.write(bytes, to: folder.index)
                changes += 1
            }
        }
        #expect(changes == 13 + 13 + 55)
    }

    /// A store with something in every table.
    private func rich() throws -> ScratchFolder {
        let folder = try written()
        var writer = try FeatureStoreWriter(small: folder.store)
        try writer.record(Sample.picture(77, path: "/q/a.jpg", label: "dog", root: "/q"))
        try writer.record(Sample.picture(1, path: "/q/b.jpg", label: nil, root: "/q"))
        try writer.finish()
        return folder
    }

    /// Reads every table, as readers and the writer do.
    private func everything(_ folder: ScratchFolder) throws -> StoreContents {
        let index = try IndexDatabase.openForReading(StoreLayout(path: folder.store))
        try index.read { queries in
            _ = (try queries.storeUUID(), try queries.lastSequence())
            for table in IndexTable.counted { try queries.rows.forEach(table) { _ in } }
        }
        try index.close()
        return try StoreContents(path: folder.store)
    }

    @Test("with a row that makes no sense, although its checksum is right, is called damaged")
    func nonsense() throws {
        func row(_ table: IndexTable, _ column: String, _ value: IndexValue) -> (IndexTable, String, IndexValue) {
            (table, column, value)
        }
        for (table, column, value) in [
            row(.chunks, "rows", .integer(1 << 40)), row(.chunks, "length", 1),
            row(.chunks, "length", .integer(1 << 60)),
            row(.chunks, "offset", -64), row(.chunks, "offset", .integer(Int64.max)), row(.chunks, "header_crc", -1),
            row(.chunks, "header_crc", 7), row(.chunks, "sequence", 9), row(.chunks, "segment_id", 5),
            row(.segments, "uuid", "x"), row(.features, "first_row", 70000), row(.features, "first_row", -1),
            row(.features, "row_count", 70000), row(.features, "row_count", 0), row(.features, "first_content", 0),
            row(.features, "first_content", .integer(1 << 32)), row(.features, "row_count", .integer(Int64.max)),
            row(.images, "folder_id", 9), row(.images, "label_id", 9), row(.images, "source_id", 9),
            row(.spaces, "description", "{}"),
        ] {
            let folder = try written()
            try change(folder, table, column, to: value)
            let error = #expect(throws: InputError.self, "\(table.name).\(column) = \(value)") {
                try StoreContents(path: folder.store)
            }
            #expect(error?.fact.contains("damaged") == true, "\(table.name).\(column): \(String(describing: error))")
        }
    }

    /// Sets a column of the first row of a table, and makes the checksums right.
    private func change(_ folder: ScratchFolder, _ table: IndexTable, _ column: String, to value: IndexValue) throws {
        let (index, _) = try IndexDatabase.openForWriting(StoreLayout(path: folder.store))
        try index.write { changes in
            var found: [IndexValue]?
            try CheckedRows(database: changes.database).forEach(table, condition: "LIMIT 1") { row in
                found = table.columns.indices.map { position in
                    switch (row[position] as DatabaseValue).storage {
                    case .int64(let number): .integer(number)
                    case .string(let text): .text(text)
                    case .blob(let data): .blob(data)
                    default: .null
                    }
                }
            }
            var values = try #require(found)
            try changes.delete(table, key: Array(values.prefix(table.keyCount)))
            values[try #require(table.columns.firstIndex { $0.name == column })] = value
            try changes.insert(table, values)
        }
        try index.close()
    }

    @Test("can be read with the sqlite3 shell", .enabled(if: Shell.path(of: "sqlite3") != nil, "needs sqlite3 in PATH"))
    func shell() throws {
        let folder = try written()
        let query = """
            PRAGMA integrity_check;
            SELECT folders.path || name, label, chunk_id, first_row + content_id - first_content
            FROM images JOIN folders USING (folder_id) LEFT JOIN labels USING (label_id)
            JOIN features ON content_id BETWEEN first_content AND first_content + row_count - 1
            ORDER BY name DESC LIMIT 1;
            SELECT reason FROM failures;
            """
        let output = try Shell.run("sqlite3", [folder.index, query])
        #expect(output.text == "ok\n/p/5.jpg|cat|2|1\nis no picture\n")
        #expect(output.status == 0)
    }

    @Test("left in the middle of a commit by a writer that was killed is as it was before, for a reader too")
    func unfinishedCommit() throws {
        let folder = try written()
        let before = try StoreContents(path: folder.store)
        let journal = folder.index + "-journal"
        let (index, undo) = try DatabaseQueue(path: folder.index).writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE images SET name = name || 'half done';
                    CREATE TABLE junk AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9999)
                    SELECT i, hex(randomblob(20)) FROM n
                    """)
            let files = (try folder.bytes(folder.index), try folder.bytes(journal))
            try database.execute(sql: "ROLLBACK")
            return files
        }
        try folder.write(index, to: folder.index)
        try folder.write(undo, to: journal)
        #expect(index.count > 100_000)
        #expect(try StoreContents(path: folder.store) == before)
        #expect(!FileManager.default.fileExists(atPath: journal))
    }
}

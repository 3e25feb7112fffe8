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
            ("PRAGMA application_id = 77", "another application"), ("PRAGMA user_version = 2", "index version 2"),
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

    @Test("with a row that makes no sense is called damaged")
    func nonsense() throws {
        for sql in [
            "UPDATE chunks SET rows = 1 << 40", "UPDATE chunks SET length = 1", "UPDATE chunks SET length = 1 << 60",
            "UPDATE chunks SET offset = -64 WHERE chunk_id = 1",
            "UPDATE chunks SET offset = 9223372036854775807 WHERE chunk_id = 1",
            "UPDATE chunks SET header_crc = -1", "UPDATE chunks SET header_crc = header_crc + 1",
            "UPDATE chunks SET sequence = 9", "UPDATE segments SET uuid = 'x'",
            "UPDATE chunks SET live = 1; UPDATE features SET row = 70000",
        ] {
            let folder = try written()
            try DatabaseQueue(path: folder.index).write { try $0.execute(sql: sql) }
            let error = #expect(throws: InputError.self) {
                try FeatureStore(path: folder.store).readFeatures(in: Sample.space())
            }
            #expect(error?.fact.contains("damaged") == true, "\(sql)")
        }
    }

    @Test("can be read with the sqlite3 shell", .enabled(if: Shell.path(of: "sqlite3") != nil, "needs sqlite3 in PATH"))
    func shell() throws {
        let folder = try written()
        let query = """
            PRAGMA integrity_check;
            SELECT path, label, hex(hash), chunk_id, row FROM images JOIN contents USING (content_id)
            JOIN features USING (content_id) ORDER BY path LIMIT 1;
            SELECT reason FROM failures;
            """
        let output = try Shell.run("sqlite3", [folder.index, query])
        let hash = Sample.content(0).hex.uppercased()
        #expect(output.text == "ok\n/p/0.jpg|cat|\(hash)|1|0\nis no picture\n")
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
                    PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE images SET label = 'half done';
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

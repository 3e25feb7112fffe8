import Foundation
import GRDB
import Tensors

/// Pictures and contents, a million at a time: each table is read once from end to end, and joined here, because SQLite
/// would look every content up by itself.
extension IndexQueries {
    /// The listed pictures whose content has a feature in the space, by path.
    func pictures(space: Int64) throws -> [StoredPicture] {
        let (keys, roots) = (try contentKeys(), try roots())
        let isStored = try storedContents(space: space, count: keys.count)
        let rows = try Row.fetchCursor(
            database, sql: "SELECT path, source_id, label, content_id FROM images ORDER BY path")
        var pictures: [StoredPicture] = []
        while let row = try rows.next() {
            let content = try Self.position(row[3], count: keys.count)
            guard isStored[content] else { continue }
            guard let root = roots[row[1]] else { throw Self.damaged("the row of the picture \(row[0] as String)") }
            pictures.append(
                StoredPicture(path: row[0], root: root, label: row[2], content: keys[content]))
        }
        return pictures
    }

    /// The listed pictures that came from the listing of `root`, by path.
    func pictures(under root: String) throws -> [PictureEntry] {
        let query = "SELECT source_id FROM sources WHERE root = ?"
        guard let source = try Int64.fetchOne(database, sql: query, arguments: [root]) else { return [] }
        let keys = try contentKeys()
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT path, label, content_id, size, modified FROM images WHERE source_id = ? ORDER BY path",
            arguments: [source])
        var pictures: [PictureEntry] = []
        while let row = try rows.next() {
            let content = try Self.position(row[2], count: keys.count)
            pictures.append(
                PictureEntry(
                    path: row[0], label: row[1], content: keys[content], size: row[3], modified: row[4],
                    root: root))
        }
        return pictures
    }

    /// Every content, marked where it has a feature in the space of that fingerprint.
    func contentTable(space: Fingerprint) throws -> ContentTable {
        let keys = try contentKeys()
        let query = "SELECT space_id FROM spaces WHERE fingerprint = ?"
        let id = try Int64.fetchOne(database, sql: query, arguments: [space.hex])
        let isStored = try id.map { try storedContents(space: $0, count: keys.count) }
        guard let table = ContentTable(keys, isInSpace: isStored) else { throw Self.damaged("a content's hash") }
        return table
    }

    /// The contents; number 1 is at position 0, and so on.
    private func contentKeys() throws -> [Fingerprint] {
        var keys: [Fingerprint] = []
        keys.reserveCapacity(try Int.fetchOne(database, sql: "SELECT count(*) FROM contents") ?? 0)
        let rows = try Row.fetchCursor(database, sql: "SELECT content_id, hash FROM contents ORDER BY content_id")
        while let row = try rows.next() {
            // They are numbered from 1 on and never removed.
            guard row[0] == keys.count + 1 else { throw Self.damaged("the number of content \(row[0] as Int64)") }
            let key = try row.withUnsafeData(atIndex: 1) { data in
                guard let data, data.count == Fingerprint.byteCount else { throw Self.damaged("a content's hash") }
                return data.withUnsafeBytes { Fingerprint(in: $0) }
            }
            keys.append(key)
        }
        return keys
    }

    /// Which contents have a feature in the space.
    private func storedContents(space: Int64, count: Int) throws -> [Bool] {
        var isStored = [Bool](repeating: false, count: count)
        let contents = try Int64.fetchCursor(
            database, sql: "SELECT content_id FROM features WHERE space_id = ?", arguments: [space])
        while let content = try contents.next() { isStored[try Self.position(content, count: count)] = true }
        return isStored
    }

    private static func position(_ content: Int64, count: Int) throws -> Int {
        guard let position = Int(exactly: content), (1...max(1, count)).contains(position), count > 0 else {
            throw damaged("a row that points at content \(content)")
        }
        return position - 1
    }

    private func roots() throws -> [Int64: String] {
        let pairs = try Row.fetchAll(database, sql: "SELECT source_id, root FROM sources").map {
            ($0[0] as Int64, $0[1] as String)
        }
        return Dictionary(pairs) { first, _ in first }
    }
}

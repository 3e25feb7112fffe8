import Foundation
import GRDB
import Tensors

/// The numbers that the index has given to contents, folders, labels, splits and roots, held by the store's writer so that it finds
/// them without asking.
struct IndexNumbers {
    /// The contents.
    var contents = ContentTable()
    private var folders: [ExactText: Int64] = [:]
    private var labels: [ExactText: Int64] = [:]
    private var splits: [ExactText: Int64] = [:]
    private var sources: [ExactText: Int64] = [:]
    private var largestChunk: Int64 = 0

    /// The numbers of an empty index.
    init() {}

    /// The numbers of an index; the contents are read from the row tables of `layout`'s segments, and marked where they have
    /// a feature in the space `space`.
    init(_ queries: IndexQueries, _ layout: StoreLayout, space: Fingerprint) throws {
        contents = try queries.contentTable(layout, space: space)
        folders = try Self.names(queries, .folders)
        labels = try Self.names(queries, .labels)
        splits = try Self.names(queries, .splits)
        sources = try Self.names(queries, .sources)
        try queries.rows.forEach(.chunks) { largestChunk = max(largestChunk, $0[0]) }
    }

    private static func names(_ queries: IndexQueries, _ table: IndexTable) throws -> [ExactText: Int64] {
        var names: [ExactText: Int64] = [:]
        try queries.rows.forEach(table) { names[ExactText($0[1])] = $0[0] }
        return names
    }

    /// A number for a new chunk.
    mutating func newChunk() -> Int64 {
        largestChunk += 1
        return largestChunk
    }

    /// A path's folder and name; the folder is nil where the index has no such folder.
    func place(of path: String) -> (folder: Int64?, name: String) {
        let (folder, name) = Self.parts(of: path)
        return (folders[ExactText(folder)], name)
    }

    /// A path's folder, entered where it is new, and name.
    mutating func place(of path: String, _ changes: IndexChanges) throws -> (folder: Int64, name: String) {
        let (folder, name) = Self.parts(of: path)
        return (try Self.number(of: folder, in: &folders, .folders, changes), name)
    }

    /// A label's number, entered where it is new.
    mutating func label(_ label: String, _ changes: IndexChanges) throws -> Int64 {
        try Self.number(of: label, in: &labels, .labels, changes)
    }

    /// A split's number, entered where it is new.
    mutating func split(_ split: String, _ changes: IndexChanges) throws -> Int64 {
        try Self.number(of: split, in: &splits, .splits, changes)
    }

    /// A root folder's number, entered where it is new.
    mutating func source(_ root: String, _ changes: IndexChanges) throws -> Int64 {
        try Self.number(of: root, in: &sources, .sources, changes)
    }

    /// The number of a content, entered where it is new, with its hash where no row has it.
    mutating func content(_ key: Fingerprint, hasRow: Bool, _ changes: IndexChanges) throws -> Int64 {
        let (number, isNew) = contents.number(of: key)
        if hasRow {
            if contents.markStored(number) { try changes.delete(.contents, key: [.integer(Int64(number))]) }
        } else if isNew {
            contents.markRowless(number)
            try changes.insert(.contents, [.integer(Int64(number)), .blob(Data(key.bytes))])
        }
        return Int64(number)
    }

    private static func number(
        of name: String, in numbers: inout [ExactText: Int64], _ table: IndexTable, _ changes: IndexChanges
    ) throws -> Int64 {
        if let number = numbers[ExactText(name)] { return number }
        // None is ever taken out, so that the next number is free.
        let number = Int64(numbers.count + 1)
        try changes.insert(table, [.integer(number), .text(name)])
        numbers[ExactText(name)] = number
        return number
    }

    /// Everything up to the last '/', and the rest.
    static func parts(of path: String) -> (folder: String, name: String) {
        let end = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) } ?? path.startIndex
        return (String(path[..<end]), String(path[end...]))
    }
}

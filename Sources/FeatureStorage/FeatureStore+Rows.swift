import Foundation
import GRDB
import Tensors

/// What the listing says of rows, for searches, which need a few of many.
extension FeatureStore {
    /// The listed pictures that have the contents of some rows of `chunks`, those of each row in ascending order of their paths' bytes;
    /// none where the listing does not name a content any more. Throws `InputError` where the store was rebuilt since the chunks
    /// were asked for.
    public func pictures(ofRows rows: [Int], in chunks: StoredChunks) throws -> [[StoredPicture]] {
        guard !rows.isEmpty else { return [] }
        let contents = try chunks.contents(ofRows: rows)
        let places = Dictionary(zip(rows.map(chunks.number), rows.indices)) { first, _ in first }
        var found = [[StoredPicture]](repeating: [], count: rows.count)
        try query { queries in
            let moment = try moment(queries)
            try queries.requireSame(chunks, of: rows, at: moment)
            let names = try ListedNames(queries)
            try lookup.forEachImage(withContents: Array(places.keys), queries, at: moment) { image in
                guard let place = places[image.content] else { return }
                found[place].append(
                    StoredPicture(
                        path: try names.path(image.folder, image.name), root: try names.root(image.source),
                        label: try names.label(image.label), split: try names.split(image.split),
                        content: contents[place]))
            }
        }
        // A row may have been asked for more than once.
        return rows.map { row in
            let place = places[chunks.number(ofRow: row)] ?? 0
            return found[place].sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        }
    }

    /// For each row of `chunks` whether a listed picture has its content and a label that `isWanted` says yes to; it is asked once for
    /// each label, nil standing for none. Throws as `pictures(ofRows:in:)` does.
    public func listedRows(
        in chunks: StoredChunks, where isWanted: (_ label: String?) -> Bool = { _ in true }
    ) throws -> [Bool] {
        var listed = [Bool](repeating: false, count: chunks.rowCount)
        let rows = ContentRows(chunks)
        try query { queries in
            try queries.requireSame(chunks, at: try moment(queries))
            let wanted = try queries.names(.labels).mapValues { isWanted($0) }
            let unlabeled = isWanted(nil)
            try queries.forEachImage { image in
                guard image.label.map({ wanted[$0] ?? false }) ?? unlabeled, let row = rows[image.content] else {
                    return
                }
                listed[row] = true
            }
        }
        return listed
    }

    /// The row of `chunks` that has the content which the listing knows under a path; nil where it knows none.
    public func row(ofPictureAt path: String, in chunks: StoredChunks) throws -> Int? {
        let rows = ContentRows(chunks)
        return try query { queries in
            try queries.requireSame(chunks, at: try moment(queries))
            return try queries.content(at: path).flatMap { rows[$0] }
        }
    }
}

extension IndexQueries {
    /// Throws `InputError` where chunks, those that have `rows` or all, are not in the index as they were.
    fileprivate func requireSame(_ known: StoredChunks, of rows: [Int]? = nil, at moment: IndexMoment) throws {
        guard known.moment != moment else { return }
        let now = Dictionary(uniqueKeysWithValues: try chunks(space: try id(of: known.space)).map { ($0.chunk, $0) })
        let needed = rows.map { Set($0.map(known.position)).map { known.chunks[$0] } } ?? known.chunks
        guard needed.allSatisfy({ now[$0.chunk] == $0 }) else {
            throw InputError("store", "was rearranged while it was being searched", remedy: "Search again.")
        }
    }

    /// The number of the content that the listing knows under a path.
    fileprivate func content(at path: String) throws -> Int64? {
        let (folder, name) = IndexNumbers.parts(of: path)
        var number: Int64?
        try rows.forEach(.folders, condition: "WHERE path = ?", [.text(folder)]) { number = $0[0] }
        guard let number else { return nil }
        return try rows.row(.images, key: [.integer(Int(number)), .text(name)]).map { Image($0).content }
    }
}

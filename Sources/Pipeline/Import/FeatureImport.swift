public import FeatureStorage
import Foundation
import ImageInput
import Tensors

/// Features that were computed elsewhere, taken into a store: a space like any other, but that no network of it is known here, so that
/// it can be searched by vectors and by its own pictures.
public struct FeatureImport {
    /// What was done.
    public struct Report: Sendable, Hashable, Codable {
        /// Rows in the array, and those whose content had a feature already.
        public let rows, known: Int
        /// Of the latter, those that had another feature: it stays.
        public let differing: Int
        /// Rows whose picture was not found, so that its id is made of its path.
        public let withoutFile: Int
    }

    private let rows: NumPyRows
    private let pictures: [PathTable.Row]
    private let listing: String

    private static let rowsPerStep = 1024
    /// How far apart two features may be, as a part of their length, that rounding made of one: u8 keeps all within 0.01.
    private static let largestDistance = 0.02
    /// The key of a space's recipe that says that its features came from elsewhere.
    static let recipeKey = "imported"

    /// The features in the array at `features` of the pictures that the file at `listing` lists, row for row. Throws `InputError` where one
    /// of the two cannot be used, or they have different lengths.
    public init(features: String, listing: String) throws {
        rows = try NumPyRows(path: features)
        let table = try PathTable(path: listing)
        guard table.faults.isEmpty else {
            let fault = table.faults[0]
            throw InputError(
                "\(listing), row \(fault.number)", fault.fact, remedy: "Name a picture for every row of the features.")
        }
        guard table.rows.count == rows.count else {
            throw InputError(
                listing, "lists \(table.rows.count) pictures for \(rows.count) rows of \(features)",
                remedy: "Give a list with a picture for each row, in their order.")
        }
        (pictures, self.listing) = (table.rows, listing)
    }

    /// The space of the features; `model` says more exactly what computed them, so that those of another are not mixed with them.
    public func space(named name: String, model: String?, rowType: RowType) throws -> FeatureSpace {
        guard rows.width <= 1 << 20 else {
            throw InputError("features", "have \(rows.width) numbers each, too many to keep")
        }
        var fields = ["imported": name]
        fields["imported.model"] = model
        return FeatureSpace(
            name: name, fields: fields, dimension: rows.width, rowType: rowType,
            recipe: [Self.recipeKey: model ?? name, "dtype": rowType.rawValue])
    }

    /// Appends what `writer` does not have, and lists all pictures with their labels. Nil where it was interrupted: what was committed stays.
    /// Throws `InputError` where a feature is not finite, or nothing can be written.
    public func write(
        into writer: inout FeatureStoreWriter, interruption: Interruption, progress: ProgressHandler
    ) throws -> Report? {
        let root = URL(fileURLWithPath: listing).standardizedFileURL.path
        let folder = URL(fileURLWithPath: root).deletingLastPathComponent()
        var (known, withoutFile): ([Fingerprint: [Int]], Int) = ([:], 0)
        for start in stride(from: 0, to: rows.count, by: Self.rowsPerStep) {
            if interruption.isRequested {
                try writer.commit()
                return nil
            }
            let range = start..<min(start + Self.rowsPerStep, rows.count)
            let features = rows.matrix(range)
            for (position, row) in range.enumerated() {
                let (entry, isFile) = try Self.entry(pictures[row], folder, root)
                withoutFile += isFile ? 0 : 1
                if writer.contains(entry.content) {
                    known[entry.content, default: []].append(row)
                    try writer.record(entry)
                } else {
                    try writer.append(feature: features.row(position), of: entry)
                }
            }
            progress(ProgressUpdate(activity: "importing", done: range.upperBound, total: rows.count, unit: "features"))
        }
        try writer.commit()
        return Report(
            rows: rows.count, known: known.values.reduce(0) { $0 + $1.count },
            differing: known.isEmpty
                ? 0 : try differing(known, from: FeatureStore(path: writer.path).chunks(in: writer.space)),
            withoutFile: withoutFile)
    }

    /// How many rows of the array are not what the store has of their contents.
    private func differing(_ known: [Fingerprint: [Int]], from chunks: StoredChunks) throws -> Int {
        var count = 0
        for position in 0..<chunks.count {
            let contents = try chunks.contents(at: position)
            guard contents.contains(where: { known[$0] != nil }) else { continue }
            let stored = try chunks.read(at: position).features
            for (place, content) in contents.enumerated() {
                count += (known[content] ?? []).count { row in
                    !Self.isSame(stored.row(place), rows.matrix(row..<row + 1).row(0))
                }
            }
        }
        return count
    }

    private static func isSame(_ left: ArraySlice<Float>, _ right: ArraySlice<Float>) -> Bool {
        func square(_ values: some Sequence<Double>) -> Double { values.reduce(0) { $0 + $1 * $1 } }
        let distance = square(zip(left, right).lazy.map { Double($0) - Double($1) })
        return distance <= largestDistance * largestDistance * square(right.lazy.map(Double.init))
    }

    /// The entry of a picture: its id is the list's, or that of its file, or, where there is none, the SHA-256 of its path.
    private static func entry(
        _ row: PathTable.Row, _ folder: URL, _ root: String
    ) throws -> (entry: PictureEntry, isFile: Bool) {
        let path = URL(fileURLWithPath: row.path, relativeTo: folder).standardizedFileURL.path
        let status = PictureFile.status(path)
        let content =
            try row.id ?? status.map { _ in Fingerprint(of: try PictureFile(path: path).bytes) }
            ?? Fingerprint(of: Array(path.utf8))
        let entry = PictureEntry(
            path: path, label: row.label, split: row.split, content: content, size: status?.size ?? 0,
            modified: status?.modified ?? 0,
            root: root)
        return (entry, status != nil)
    }
}

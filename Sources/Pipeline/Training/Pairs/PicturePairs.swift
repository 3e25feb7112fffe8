public import FeatureStorage
import Foundation
public import ImageInput
import Tensors

/// Pairs of pictures of a store.
public struct PicturePairs: Sendable {
    /// Two contents that belong together, or how alike they are.
    struct Pair: Sendable, Hashable {
        let first, second: Fingerprint
        let score: Float?
    }

    let pairs: [Pair]
    /// SHA-256 of the file's bytes: what makes two trainings on pairs the same.
    let fingerprint: Fingerprint

    /// Whether the pairs have scores.
    public var isScored: Bool { pairs.first?.score != nil }
    /// How many there are.
    public var count: Int { pairs.count }

    /// The pairs in the file at `path`, of which `pictures` are the store's. Paths are absolute, or relative to the file's folder or the
    /// working directory. Throws `InputError` as `PairTable` does, and where a row names no picture of the store.
    public init(path: String, dialect: CSVDialect = .sniffed, of pictures: [StoredPicture]) throws {
        let table = try PairTable(path: path, dialect: dialect)
        if let fault = table.faults.first {
            throw InputError("\(path), row \(fault.number)", fault.fact, remedy: "Mend it, or take it out.")
        }
        let places = StoredPlaces(pictures, beside: path)
        pairs = try table.rows.map { row in
            Pair(
                first: try places.picture(at: row.first, row: row.number).content,
                second: try places.picture(at: row.second, row: row.number).content, score: row.score)
        }
        fingerprint = try Fingerprint(ofFileAt: path)
    }

    /// A class for every group of contents that pairs link, also over several pairs; called by its first content.
    func linkedClasses() -> [Fingerprint: String] {
        var parents: [Fingerprint: Fingerprint] = [:]
        func root(of content: Fingerprint) -> Fingerprint {
            var place = content
            while let next = parents[place], next != place {
                parents[place] = parents[next] ?? next
                place = next
            }
            return place
        }
        for pair in pairs {
            let (left, right) = (root(of: pair.first), root(of: pair.second))
            for end in [left, right] where parents[end] == nil { parents[end] = end }
            if left != right { parents[max(left, right)] = min(left, right) }
        }
        return Dictionary(uniqueKeysWithValues: parents.keys.map { ($0, root(of: $0).hex) })
    }
}

extension FeatureDataset {
    /// The pictures that `pairs` name: those that pairs link are a class, where they have no scores. Throws as
    /// `init(store:space:mostViews:)` does.
    public init(store: FeatureStore, space: FeatureSpace, mostViews: Int = .max, pairs: PicturePairs) throws {
        let classes = pairs.linkedClasses()
        try self.init(store: store, space: space, mostViews: mostViews) { classes[$0.content] }
    }
}

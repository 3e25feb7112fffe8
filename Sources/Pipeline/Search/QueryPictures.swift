public import FeatureStorage
public import Foundation
public import Tensors

/// Something to search for.
public enum QueryInput: Sendable, Hashable {
    /// A picture file.
    case file(String)
    /// The bytes of a picture, and what to call it.
    case bytes(Data, name: String)
    /// A stored picture by its content's SHA-256, or the beginning of it in hexadecimal digits.
    case id(String)

    /// What to call it.
    public var name: String {
        switch self {
        case .file(let path): path
        case .bytes(_, let name): name
        case .id(let text): text
        }
    }
}

/// Pictures to search for with their raw features.
public struct QueryPictures: Sendable {
    /// What each is called.
    public let names: [String]
    /// The contents.
    public let contents: [Fingerprint]
    /// The raw features, shape `[names.count, dimension]`.
    public let features: Matrix

    /// Pictures with their features.
    public init(names: [String], contents: [Fingerprint], features: Matrix) {
        precondition(
            names.count == contents.count && names.count == features.rows,
            "\(names.count) names, \(contents.count) contents, \(features.rows) features")
        (self.names, self.contents, self.features) = (names, contents, features)
    }

    /// The rows of an array as queries, called `NAME[row]`, or `NAME` where it has one. Throws `InputError` where they are no features of
    /// `space`, or more than a search takes at once.
    public static func vectors(_ path: String, of space: FeatureSpace) throws -> QueryPictures {
        let rows = try NumPyRows(path: path)
        guard rows.width == space.dimension else {
            throw InputError(
                path, "has vectors of \(rows.width) numbers, and \(space.name) has \(space.dimension)",
                remedy: "Give features of the same network.")
        }
        guard rows.count <= mostVectors else {
            throw InputError(path, "has \(rows.count) vectors", remedy: "Search for at most \(mostVectors) at once.")
        }
        let features = rows.matrix(0..<rows.count)
        if let place = features.elements.firstIndex(where: { !$0.isFinite }) {
            throw InputError(
                path, "has \(features.elements[place]) in row \(place / rows.width)", remedy: "Search for numbers.")
        }
        let names = (0..<rows.count).map { rows.count == 1 ? path : "\(path)[\($0)]" }
        return QueryPictures(
            names: names, contents: names.map { Fingerprint(of: Array("vector \($0)".utf8)) }, features: features)
    }

    private static let mostVectors = 1_000_000

    /// These queries and then others.
    public func followed(by others: QueryPictures) -> QueryPictures {
        QueryPictures(
            names: names + others.names, contents: contents + others.contents,
            features: Matrix(
                rows: names.count + others.names.count, columns: max(features.columns, others.features.columns),
                elements: features.elements + others.features.elements))
    }
}

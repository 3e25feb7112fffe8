import FeatureStorage
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

    /// The picture at `position` alone.
    public func only(_ position: Int) -> QueryPictures {
        QueryPictures(
            names: [names[position]], contents: [contents[position]],
            features: features.rows(in: position..<position + 1))
    }
}

public import Tensors

/// Everything that decides the numbers of a feature. Features of one space can be compared with each other; features of two
/// spaces cannot.
public struct FeatureSpace: Sendable, Hashable {
    /// The largest dimension that a store takes.
    static let largestDimension = 1 << 20

    /// A name for people, such as `resnet50 @ avgpool`. Not part of the fingerprint.
    public let name: String
    /// What decides the numbers: `model.tensors`, `cut`, `pool`, `preprocessing.resize` and so on.
    public let fields: [String: String]
    /// The number of values in a feature.
    public let dimension: Int
    /// How the values are kept.
    public let rowType: RowType
    /// How to make the backbone again: the model's name, the path of its weights. Not part of the fingerprint.
    public let recipe: [String: String]
    /// SHA-256 over the canonical JSON of `{"dimension":…,"fields":{…},"rowType":…}`: two spaces are the same where their
    /// fingerprints are.
    public let fingerprint: Fingerprint

    /// A space. `dimension` must be in `1...1048576`.
    public init(
        name: String, fields: [String: String], dimension: Int, rowType: RowType = .float16,
        recipe: [String: String] = [:]
    ) {
        precondition(
            (1...Self.largestDimension).contains(dimension), "a feature space of dimension \(dimension)")
        self.name = name
        self.fields = fields
        self.dimension = dimension
        self.rowType = rowType
        self.recipe = recipe
        let identity = Identity(dimension: dimension, fields: fields, rowType: rowType)
        do { fingerprint = try Fingerprint(ofCanonicalJSON: identity) } catch {
            preconditionFailure("strings and an integer always have JSON: \(error)")
        }
    }

    private struct Identity: Encodable {
        let dimension: Int
        let fields: [String: String]
        let rowType: RowType
    }

    /// What makes this space another than `other`, one line a field, sorted:
    /// `preprocessing.resize: 256 here, 232 there`. Empty where the fingerprints are equal.
    public func differences(from other: FeatureSpace) -> [String] {
        var (here, there) = (fields, other.fields)
        here["dimension"] = String(dimension)
        there["dimension"] = String(other.dimension)
        here["row type"] = rowType.rawValue
        there["row type"] = other.rowType.rawValue
        return Set(here.keys).union(there.keys).sorted().compactMap { key in
            guard here[key] != there[key] else { return nil }
            return "\(key): \(Self.shown(here[key])) here, \(Self.shown(there[key])) there"
        }
    }

    /// A fingerprint in its short form, anything else as it is.
    private static func shown(_ value: String?) -> String {
        value.map { Fingerprint(hex: $0)?.short ?? $0 } ?? "not set"
    }
}

extension FeatureSpace {
    private static let viewField = "view"

    /// Which look at each picture the features are of; nil for the usual one.
    public var view: String? { fields[Self.viewField] }

    /// The space of the same features of another look at each picture, with which they can be compared.
    public func seen(as view: String) -> FeatureSpace {
        FeatureSpace(
            name: "\(name), view \(view)", fields: fields.merging([Self.viewField: view]) { _, new in new },
            dimension: dimension, rowType: rowType, recipe: recipe)
    }

    /// Whether its features are of another look than those of `other` at the same pictures.
    public func isView(of other: FeatureSpace) -> Bool {
        guard let view else { return false }
        return other.view == nil && other.seen(as: view).fingerprint == fingerprint
    }
}

extension FeatureSpace: Codable {
    private enum CodingKeys: String, CodingKey { case name, fields, dimension, rowType, recipe }

    /// Reads what `encode(to:)` wrote. Throws where the dimension is out of range or the row type is unknown.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let dimension = try container.decode(Int.self, forKey: .dimension)
        guard (1...Self.largestDimension).contains(dimension) else {
            throw InputError("feature space", "has the dimension \(dimension)")
        }
        self.init(
            name: try container.decode(String.self, forKey: .name),
            fields: try container.decode([String: String].self, forKey: .fields), dimension: dimension,
            rowType: try container.decode(RowType.self, forKey: .rowType),
            recipe: try container.decode([String: String].self, forKey: .recipe))
    }

    /// Writes all but the fingerprint, which follows from the rest.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(fields, forKey: .fields)
        try container.encode(dimension, forKey: .dimension)
        try container.encode(rowType, forKey: .rowType)
        try container.encode(recipe, forKey: .recipe)
    }
}

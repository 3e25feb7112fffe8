public import FeatureStorage
import Tensors

/// Whether two stores hold the same: for each space their features, keyed by content, the listing and the failures. Only
/// reads.
public struct StoreComparison: Sendable, Hashable {
    /// A space that only one of the stores has.
    public struct LoneSpace: Sendable, Hashable {
        /// The space.
        public let space: FeatureSpace
        /// The space of the other store that differs from it in the fewest fields; nil where the other has none.
        public let nearest: FeatureSpace?
        /// What makes `space` another than `nearest`, one line a field.
        public let fields: [String]
    }

    /// The spaces that were compared.
    public let spaces: [SpaceComparison]
    /// The spaces that the second store lacks; empty where one space was asked for.
    public let onlyInFirst: [LoneSpace]
    /// The spaces that the first store lacks; empty where one space was asked for.
    public let onlyInSecond: [LoneSpace]

    /// Whether nothing that was compared differs by more than the tolerance.
    public var isSame: Bool { onlyInFirst.isEmpty && onlyInSecond.isEmpty && spaces.allSatisfy(\.isSame) }

    /// Compares the spaces with the same fingerprint or, where `prefix` is given, the space of each store that
    /// `FeatureStore.space(matching:)` finds for it; those may have different fingerprints. Features are the same where no two
    /// values are more than `tolerance` apart.
    ///
    /// Throws `InputError` where a store has no such space and where something cannot be read. Memory: about 100 bytes a
    /// feature of the second store, 256 MiB of features of the first, and both listings of one space.
    public init(
        of first: FeatureStore, and second: FeatureStore, space prefix: String? = nil, tolerance: Double = 0
    ) throws {
        precondition(tolerance >= 0, "a tolerance of \(tolerance)")
        let (here, there) = (try first.spaces().map(\.space), try second.spaces().map(\.space))
        var pairs: [(FeatureSpace, FeatureSpace)] = []
        if let prefix {
            let space = try first.space(matching: prefix)
            let same = there.first { $0.fingerprint == space.fingerprint }
            pairs = [(space, try same ?? second.space(matching: prefix))]
            (onlyInFirst, onlyInSecond) = ([], [])
        } else {
            pairs = here.compactMap { space in
                there.first { $0.fingerprint == space.fingerprint }.map { (space, $0) }
            }
            (onlyInFirst, onlyInSecond) = (Self.lone(here, without: there), Self.lone(there, without: here))
        }
        spaces = try pairs.map { try SpaceComparison($0, of: first, $1, of: second, tolerance: tolerance) }
    }

    private static func lone(_ spaces: [FeatureSpace], without others: [FeatureSpace]) -> [LoneSpace] {
        spaces.filter { space in !others.contains { $0.fingerprint == space.fingerprint } }.map { space in
            let compared = others.map { (space: $0, fields: space.differences(from: $0)) }
            let nearest = compared.min { $0.fields.count < $1.fields.count }
            return LoneSpace(space: space, nearest: nearest?.space, fields: nearest?.fields ?? [])
        }
    }
}

public import FeatureStorage
import Tensors

/// How a space of one store and a space of another differ.
public struct SpaceComparison: Sendable, Hashable {
    /// The space in the first store.
    public let first: FeatureSpace
    /// The space in the second store.
    public let second: FeatureSpace
    /// What makes the first another space than the second, one line a field; empty where the fingerprints are equal.
    public let fields: [String]
    /// The features; nil where the dimensions differ.
    public let features: FeatureComparison?
    /// What is listed, and what failed.
    public let listing: ListingComparison

    /// Whether features, listing and failures are the same. Two spaces that differ in their fields only are: whoever compares
    /// them has said that they mean the same.
    public var isSame: Bool { (features?.isSame ?? false) && listing.isSame }

    /// Reads and compares. Each store is asked for one state of its features and one of its listing; a writer that commits in
    /// between shows as a difference.
    init(
        _ first: FeatureSpace, of firstStore: FeatureStore, _ second: FeatureSpace, of secondStore: FeatureStore,
        tolerance: Double
    ) throws {
        (self.first, self.second) = (first, second)
        fields = first.differences(from: second)
        let pictures = try firstStore.pictures(in: first)
        let others = try secondStore.pictures(in: second)
        listing = ListingComparison(
            pictures, others, failures: try firstStore.failures(in: first), try secondStore.failures(in: second))
        guard first.dimension == second.dimension else {
            features = nil
            return
        }
        let names = Dictionary((pictures + others).map { ($0.content, $0.path) }) { first, _ in first }
        features = try FeatureComparison(
            try firstStore.chunks(in: first), try secondStore.chunks(in: second), tolerance: tolerance
        ) { names[$0] ?? "content \($0.short), not listed" }
    }
}

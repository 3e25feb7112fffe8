public import FeatureStorage
import MetricLearning
import Retrieval
import Tensors

/// Pictures in two dimensions: the principal components of their vectors, brought to unit length (Pearson 1901; scikit-learn's PCA up to
/// signs).
public struct PictureMap: Sendable {
    /// A picture and its place.
    public struct Point: Sendable {
        /// The picture; of several with the same content the first by path.
        public let picture: StoredPicture
        /// Its place along the first and the second component.
        public let x, y: Float
    }

    /// The points, in storage order.
    public let points: [Point]
    /// The parts of the variance that the two components have, 0...1.
    public let explained: [Double]

    /// The most points; of more pictures an even sample is taken.
    public static let mostPoints = 100_000
    /// The components are fitted to at most so many.
    private static let mostFitted = 20_000

    /// A map of the pictures that `search` searches, by cosine. Throws `InputError` as `FeatureStore.pictures(ofRows:in:)` does.
    public init(_ search: PictureSearch, in store: FeatureStore) throws {
        guard let vectors = search.vectors else { preconditionFailure("a map of vectors whose lengths count") }
        let listed = try store.listedRows(in: search.chunks)
        let rows = Self.sample(listed.indices.filter { listed[$0] }, Self.mostPoints)
        guard rows.count > 2 else {
            throw InputError(store.path, "has \(rows.count) pictures", remedy: "A map needs three.")
        }
        var scatter = FeatureScatter(dimension: vectors.dimension, classes: 1)
        let fitted = Self.sample(rows, Self.mostFitted)
        scatter.add(vectors.matrix(at: fitted), labels: fitted.map { _ in 0 })
        let components = try PrincipalProjection.projection(scatter, dimension: 2)
        var architecture = HeadArchitecture()
        architecture.layers = 0
        let projection = ProjectionHead(
            inputDimension: vectors.dimension, outputDimension: 2, architecture: architecture, shortcut: components,
            seed: 0)
        let found = try store.pictures(ofRows: rows, in: search.chunks)
        var points: [Point] = []
        for start in stride(from: 0, to: rows.count, by: 4096) {
            let part = Array(rows[start..<min(rows.count, start + 4096)])
            let places = projection.embeddings(of: vectors.matrix(at: part))
            for index in part.indices {
                guard let picture = found[start + index].first else { continue }
                points.append(Point(picture: picture, x: places[index, 0], y: places[index, 1]))
            }
        }
        self.points = points
        explained = Self.explained(projection, components, vectors.matrix(at: fitted))
    }

    private static func sample(_ rows: [Int], _ most: Int) -> [Int] {
        guard rows.count > most else { return rows }
        return (0..<most).map { rows[$0 * rows.count / most] }
    }

    /// The variance along each component, whose length the projection has changed, as a part of all.
    private static func explained(
        _ projection: ProjectionHead, _ components: Shortcut, _ features: Matrix
    ) -> [Double] {
        let places = projection.embeddings(of: features)
        let total = (0..<features.columns).reduce(0.0) { $0 + variance(features, column: $1) }
        return (0..<2).map { component in
            let length = components.projection.row(component).reduce(0.0) { $0 + Double($1) * Double($1) }
            return total > 0 && length > 0 ? variance(places, column: component) / length / total : 0
        }
    }

    private static func variance(_ rows: Matrix, column: Int) -> Double {
        var (sum, squares) = (0.0, 0.0)
        for row in 0..<rows.rows {
            let value = Double(rows[row, column])
            sum += value
            squares += value * value
        }
        let count = Double(max(1, rows.rows))
        return squares / count - (sum / count) * (sum / count)
    }
}

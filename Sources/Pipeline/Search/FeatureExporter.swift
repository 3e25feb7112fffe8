public import FeatureStorage
import Foundation
public import MetricLearning
import Tensors

/// Writes features or embeddings for other tools: a `.npy` array and a `.csv` table that says what each row is.
public struct FeatureExporter {
    private let store: FeatureStore
    private let space: FeatureSpace
    private let head: ProjectionHead?

    /// An exporter of a space's raw features, or of what `head` makes of them.
    public init(store: FeatureStore, space: FeatureSpace, head: ProjectionHead?) {
        self.store = store
        self.space = space
        self.head = head
    }

    /// Writes `output`, an array of `float32` with shape `[pictures, dimension]`, and beside it a CSV (RFC 4180) with the
    /// columns row, id (the content's SHA-256), path and label, in the order of the paths. Returns the array's shape and
    /// the table's path.
    public func writeNumPy(to output: String) throws -> (rows: Int, columns: Int, table: String) {
        let listed = try ListedFeatures(store: store, space: space)
        guard !listed.pictures.isEmpty else {
            throw InputError("space \(space.name)", "has no pictures to export", remedy: "Run finetuner-cache build.")
        }
        let vectors = (head?.embeddings(of: listed.table.features) ?? listed.table.features).rows(at: listed.rows)
        let beside = (output.hasSuffix(".npy") ? String(output.dropLast(4)) : output) + ".csv"
        try AtomicFile.write(NumPyFile.encode(vectors), to: output)
        try AtomicFile.write(Data(PictureTable.text(listed.pictures).utf8), to: beside)
        return (vectors.rows, vectors.columns, beside)
    }
}

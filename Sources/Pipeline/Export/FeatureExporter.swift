public import FeatureStorage
import Foundation
public import MetricLearning
import Tensors

/// Writes the features or embeddings of all listed pictures for other tools, in the order of their paths.
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
    /// columns row, id (the content's SHA-256), path, label and split. Returns the array's shape and the table's path. Throws `InputError`
    /// where something else stands there.
    public func writeNumPy(to output: String) throws -> (rows: Int, columns: Int, table: String) {
        let beside = try PictureTable.path(beside: output)
        let (pictures, vectors) = try rows()
        try AtomicFile.write(NumPyFile.encode(vectors), to: output)
        try AtomicFile.write(Data(PictureTable.text(pictures).utf8), to: beside)
        return (vectors.rows, vectors.columns, beside)
    }

    /// Writes `output`, a script for psql that makes a table in PostgreSQL with the extension pgvector, fills and indexes it, and beside it
    /// the rows in PostgreSQL's binary form, which the script reads. Returns the number of rows, their dimension and the path of the
    /// latter. Throws `InputError` where vectors are longer than pgvector's.
    public func writePostgres(to output: String) throws -> (rows: Int, columns: Int, data: String) {
        let (pictures, vectors) = try rows()
        let data = (output.hasSuffix(".sql") ? String(output.dropLast(4)) : output) + ".copy"
        let table = try PostgresTable(dimension: vectors.columns)
        try AtomicFile.write(to: data) { try table.writeRows(pictures, vectors, to: $0) }
        try AtomicFile.write(Data(table.script(data: data.fileName).utf8), to: output)
        return (vectors.rows, vectors.columns, data)
    }

    /// Writes a folder for TensorBoard's Embedding Projector: vectors, labels and paths, a picture of all pictures, and what the projector
    /// wants to know of them. Returns the number of rows, their dimension, and the pixels of a picture's side, 0 where there are too many
    /// for one. Throws `InputError` where something other than such a folder is there already.
    public func writeProjector(to folder: String) throws -> (rows: Int, columns: Int, side: Int) {
        let (pictures, vectors) = try rows()
        let projector = ProjectorFolder(pictures: pictures, vectors: vectors)
        try projector.write(to: folder)
        return (vectors.rows, vectors.columns, projector.side)
    }

    /// Writes `output`, Lightly's CSV of embeddings. Returns the number of rows, their dimension, and the labels that the numbers in its
    /// last column stand for.
    public func writeLightly(to output: String) throws -> (rows: Int, columns: Int, labels: [String]) {
        let (pictures, vectors) = try rows()
        let table = LightlyTable(pictures: pictures, vectors: vectors)
        try AtomicFile.write(to: output) { try table.write(to: $0) }
        return (vectors.rows, vectors.columns, table.labels)
    }

    private func rows() throws -> (pictures: [StoredPicture], vectors: Matrix) {
        let listed = try ListedFeatures(store: store, space: space)
        guard !listed.pictures.isEmpty else {
            throw InputError("space \(space.name)", "has no pictures to export", remedy: "Run finetuner-cache build.")
        }
        let vectors = head?.embeddings(of: listed.table.features) ?? listed.table.features
        return (listed.pictures, vectors.rows(at: listed.rows))
    }
}

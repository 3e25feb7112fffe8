import Foundation
public import Tensors

/// Vectors of pictures that need not be stored, for other tools.
public struct EmbeddingExport: Sendable {
    private let pictures: QueryPictures
    private let vectors: Matrix

    /// The vectors of `pictures`, a row each.
    public init(pictures: QueryPictures, vectors: Matrix) {
        precondition(pictures.names.count == vectors.rows, "\(pictures.names.count) pictures, \(vectors.rows) vectors")
        (self.pictures, self.vectors) = (pictures, vectors)
    }

    /// Writes `output`, an array of `float32`, and beside it a CSV (RFC 4180) with the columns row, id and path, whose path it returns.
    public func write(to output: String) throws -> String {
        let table = try PictureTable.path(beside: output)
        var text = PictureTable.firstColumns + "\r\n"
        for (row, name) in pictures.names.enumerated() {
            text += "\(row),\(pictures.contents[row]),\(PictureTable.field(name))\r\n"
        }
        try AtomicFile.write(NumPyFile.encode(vectors), to: output)
        try AtomicFile.write(Data(text.utf8), to: table)
        return table
    }
}

import FeatureStorage
import Foundation
import Tensors

/// Vectors as Lightly's CSV of embeddings: `filenames`, `embedding_0` and so on, `labels`, which are numbers there.
struct LightlyTable {
    private let pictures: [StoredPicture]
    private let vectors: Matrix

    init(pictures: [StoredPicture], vectors: Matrix) { (self.pictures, self.vectors) = (pictures, vectors) }

    /// The labels that the numbers stand for, ascending; a picture without one has the number -1.
    var labels: [String] { Set(pictures.compactMap(\.label)).sorted() }

    /// Writes the table. Throws what `file` throws.
    func write(to file: FileHandle) throws {
        let columns = ["filenames"] + (0..<vectors.columns).map { "embedding_\($0)" } + ["labels"]
        try file.write(contentsOf: Data((columns.joined(separator: ",") + "\r\n").utf8))
        let numbers = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        for (row, picture) in pictures.enumerated() {
            let values = vectors.row(row).map { "\($0)" }.joined(separator: ",")
            let label = picture.label.flatMap { numbers[$0] } ?? -1
            try file.write(contentsOf: Data("\(PictureTable.field(Self.name(picture))),\(values),\(label)\r\n".utf8))
        }
    }

    /// The path from the folder that was listed, as Lightly names files; the whole path for what lies elsewhere.
    private static func name(_ picture: StoredPicture) -> String {
        let folder = picture.root.hasSuffix("/") ? picture.root : picture.root + "/"
        guard picture.path.utf8.starts(with: folder.utf8) else { return picture.path }
        return String(picture.path.utf8.dropFirst(folder.utf8.count)) ?? picture.path
    }
}

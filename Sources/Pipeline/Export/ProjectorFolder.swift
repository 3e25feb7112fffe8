import FeatureStorage
import Foundation
import ImageInput
import Tensors

/// A folder that TensorBoard's Embedding Projector opens: `vectors.tsv`, `metadata.tsv`, `sprite.png` and `projector_config.pbtxt`.
struct ProjectorFolder {
    private let pictures: [StoredPicture]
    private let vectors: Matrix

    /// What browsers take as a texture, and the largest and smallest side of a picture in it.
    private static let (largestSprite, largestSide, smallestSide) = (8192, 64, 8)
    private static let names = ["vectors.tsv", "metadata.tsv", "sprite.png", "projector_config.pbtxt"]

    init(pictures: [StoredPicture], vectors: Matrix) { (self.pictures, self.vectors) = (pictures, vectors) }

    /// Pictures in a row of the sprite, which is a square.
    private var columns: Int { Int(Double(pictures.count).squareRoot().rounded(.up)) }

    /// The pixels of a picture's side; 0 where there are too many for a sprite.
    var side: Int {
        let side = min(Self.largestSide, Self.largestSprite / max(columns, 1))
        return side < Self.smallestSide ? 0 : side
    }

    /// Writes the folder. Throws `InputError` where there is one with other things in it, or it cannot be written.
    func write(to folder: String) throws {
        try make(folder)
        try AtomicFile.write(to: "\(folder)/vectors.tsv") { file in
            for row in 0..<vectors.rows {
                let line = vectors.row(row).map { "\($0)" }.joined(separator: "\t") + "\n"
                try file.write(contentsOf: Data(line.utf8))
            }
        }
        let lines = pictures.map { "\(Self.field($0.label ?? ""))\t\(Self.field($0.path))\n" }
        try AtomicFile.write(Data(("label\tpath\n" + lines.joined()).utf8), to: "\(folder)/metadata.tsv")
        if side > 0 {
            let thumbnails = Thumbnails(of: pictures.map(\.path), side: side)
            // The projector takes a sprite of as many rows as columns.
            let all = pictures.map { thumbnails[$0.path] }
            let rest = [Picture?](repeating: nil, count: columns * columns - all.count)
            let sprite = Picture.grid(all + rest, columns: columns, side: side)
            try AtomicFile.write(sprite.pngFile(), to: "\(folder)/sprite.png")
        }
        try AtomicFile.write(Data(configuration.utf8), to: "\(folder)/projector_config.pbtxt")
    }

    private func make(_ folder: String) throws {
        if let names = try? FileManager.default.contentsOfDirectory(atPath: folder) {
            if let other = names.first(where: { !Self.names.contains($0) }) {
                throw InputError(
                    folder, "is a folder with other things in it, such as '\(other)'", remedy: "Give a new one.")
            }
            return
        }
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw InputError(
                folder, "cannot be made: \(InputError.reason(of: error))", remedy: "Check the rights there.")
        }
    }

    private var configuration: String {
        let sprite =
            side > 0
            ? "\n  sprite {\n    image_path: \"sprite.png\"\n    single_image_dim: \(side)\n    single_image_dim: \(side)\n  }"
            : ""
        return """
            embeddings {
              tensor_name: "pictures"
              tensor_path: "vectors.tsv"
              metadata_path: "metadata.tsv"\(sprite)
            }

            """
    }

    /// A field of a table that has no quotation marks: what would end it becomes a space.
    private static func field(_ text: String) -> String {
        text.replacing("\t", with: " ").replacing("\n", with: " ").replacing("\r", with: " ")
    }
}

import ArgumentParser
import FeatureStorage
import Foundation
import ImageInput
import Pipeline
import Tensors

/// The pictures that a command line names.
struct QueryInputs: ParsableArguments {
    @Argument(
        help: "Pictures, which need not be in the store; a folder of them; or - for one from stdin.",
        completion: .file())
    var pictures: [String] = []

    @Option(help: "A stored picture by its id or the beginning of it; may be given several times.")
    var id: [String] = []

    @Option(
        help: "Vectors: features of the store's space in a .npy file, [dimension] or [count, dimension].",
        completion: .file(extensions: ["npy"]))
    var vector: [String] = []

    /// The most bytes that are read from stdin.
    private static let largestPicture = 1 << 30

    /// Nothing named is an error of usage.
    func validate() throws {
        if pictures.isEmpty && id.isEmpty && vector.isEmpty {
            throw ValidationError("Name a picture, a folder, - for stdin, --id or --vector.")
        }
        if pictures.filter({ $0 == "-" }).count > 1 { throw ValidationError("- can be given once.") }
    }

    /// The inputs that are pictures in their order, ids last. Throws `InputError` where a folder has no pictures or cannot be read.
    func resolved() throws -> [QueryInput] {
        let named = try pictures.flatMap { name -> [QueryInput] in
            if name == "-" { return [.bytes(try Self.readStandardInput(), name: "-")] }
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), isFolder.boolValue else {
                return [.file(name)]
            }
            return try PictureListing.read([name]).pictures.map { .file($0.path) }
        }
        return named + id.map { .id($0) }
    }

    /// `wanted`, as `resolved()` gives it, and the vectors, with their features in the space of `chunks`, and what gives none. Throws `InputError`
    /// as `PictureEmbedder.pictures` and `QueryPictures.vectors` do.
    func queries(
        _ wanted: [QueryInput], in chunks: StoredChunks, _ meter: ProgressMeter
    ) throws -> (queries: QueryPictures, failures: [InputError]) {
        let embedder = PictureEmbedder(chunks: chunks, cache: .standard(), announce: Console.note)
        let (pictures, failures) = try embedder.pictures(wanted, progress: meter.show)
        meter.finish()
        return (try vector.reduce(pictures) { try $0.followed(by: .vectors($1, of: chunks.space)) }, failures)
    }

    private static func readStandardInput() throws -> Data {
        guard let data = try FileHandle.standardInput.read(upToCount: largestPicture + 1), !data.isEmpty else {
            throw InputError("stdin", "has no bytes", remedy: "Pipe a picture into the command.")
        }
        guard data.count <= largestPicture else {
            throw InputError("stdin", "has more than \(Formats.bytes(largestPicture))", remedy: "Give one picture.")
        }
        return data
    }
}

import ArgumentParser
import FeatureStorage
import Foundation
import Pipeline
import Tensors

struct Embed: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compute the vectors of pictures, which are not added to the store.",
        discussion:
            "Beside f.npy stands f.csv with the columns row, id and path; id is the SHA-256 of the picture; for a --vector it is made of its name."
    )

    @OptionGroup var inputs: QueryInputs

    @OptionGroup var source: HeadOptions

    @Option(
        name: .shortAndLong, help: "The file to write: a NumPy array, float32 [pictures, dimension].",
        completion: .file())
    var output: String

    @Flag(help: "Divide each vector by its length, as searches do.")
    var normalize = false

    func run() throws {
        let (store, space, head) = try source.open()
        let (pictures, failures) = try inputs.queries(
            try inputs.resolved(), in: try store.chunks(in: space), ProgressMeter())
        guard !pictures.names.isEmpty else {
            for failure in failures.dropLast() { Console.warning("\(failure)") }
            throw failures.last ?? InputError("pictures", "are none")
        }
        let vectors = EmbeddingSource(space: space, head: head).embeddings(of: pictures.features)
        let table = try EmbeddingExport(pictures: pictures, vectors: normalize ? vectors.normalizedRows() : vectors)
            .write(to: output)
        Console.note(
            """
            \(head.title)
            \(output): float32 [\(vectors.rows), \(vectors.columns)]; \(table) says what each row is
            """)
        for failure in failures { Console.warning("\(failure)") }
        if !failures.isEmpty { throw ExitCode.skipped }
    }
}

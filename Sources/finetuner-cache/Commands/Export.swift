import ArgumentParser
import Foundation
import Pipeline

struct Export: ParsableCommand {
    /// The forms that can be written.
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case npy
    }

    static let configuration = CommandConfiguration(
        abstract: "Write features or embeddings for other tools.",
        discussion:
            "Beside f.npy stands f.csv with the columns row, id, path and label; id is the SHA-256 of the picture.")

    @OptionGroup var source: SpaceOptions

    @Option(help: "The form: npy.")
    var to: Form = .npy

    @Option(name: .shortAndLong, help: "The file to write.", completion: .file())
    var output: String

    @Option(help: "Write embeddings of this head, by name or file; none for the raw features.")
    var head = "none"

    func run() throws {
        let (store, space) = try source.open()
        let choice = try HeadChoice(option: head, library: HeadLibrary(store: store), space: space)
        let exporter = FeatureExporter(store: store, space: space, head: choice.loaded?.head)
        let written = try exporter.writeNumPy(to: output)
        Console.note("\(output): float32 [\(written.rows), \(written.columns)]; \(written.table) says what each row is")
    }
}

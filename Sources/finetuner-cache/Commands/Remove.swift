import ArgumentParser
import Pipeline
import Tensors

struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take pictures, or everything below a folder, off the listing.",
        discussion: """
            For a folder of pictures that was renamed or deleted: a build of another folder does not see that it is gone. The \
            paths need not exist any more. Failures below them go too. Features stay in the store: a picture that comes back \
            is not computed again.
            """)

    @Argument(help: "Pictures or folders of pictures.", completion: .file())
    var paths: [String]

    @OptionGroup var store: StoreOptions

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard paths.allSatisfy({ !$0.isEmpty }) else { throw ValidationError("A path is empty.") }
    }

    func run() throws {
        store.warnOfNetwork(writing: true)
        let removal = try PictureRemoval(of: paths, from: store.path)
        if json {
            return try JSONOutput.print(
                Answer(store: store.path, pictures: removal.pictures, failures: removal.failures))
        }
        let failures =
            removal.failures.isEmpty ? "" : " and \(Formats.count(removal.failures.count, "failure"))"
        print("\(Formats.count(removal.pictures.count, "picture"))\(failures) taken off the listing of \(store.path)")
    }

    private struct Answer: Encodable {
        let schema = 1
        let store: String
        let pictures: [String]
        let failures: [String]
    }
}

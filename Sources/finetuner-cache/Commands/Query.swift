import ArgumentParser
import FeatureStorage
import Pipeline
import Tensors

struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Find the pictures of the store nearest to a picture.")

    @Argument(help: "The picture to search for; it need not be in the store.", completion: .file())
    var picture: String

    @OptionGroup var source: HeadOptions

    @Option(name: [.customShort("k"), .customLong("neighbors")], help: "How many pictures to find.")
    var k = 10

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard k >= 1 else { throw ValidationError("-k must be at least 1.") }
    }

    func run() throws {
        let (store, space, head) = try source.open()
        let nearest = try NearestPictures(store: store, space: space, head: head.loaded?.head)
        let embedder = PictureEmbedder(store: store, space: space, cache: .standard())
        let query = try embedder.feature(ofPictureAt: picture, in: nearest.listed, announce: Console.note)
        let found = nearest.search(query, k: k).first ?? []
        if json {
            return try JSONOutput.print(
                Answer(query: picture, head: head.name, space: space.fingerprint.hex, neighbors: found))
        }
        if source.head == nil { Console.note(head.loaded.map { "head \($0.name)" } ?? "raw features") }
        if found.count < k {
            Console.note("the store has only \(Formats.count(nearest.listed.pictures.count, "picture"))")
        }
        var table = TextTable([("rank", .right), ("score", .right), ("label", .left), ("path", .left)])
        for picture in found {
            table.add([
                "\(picture.rank)", Formats.metric(Double(picture.score)), picture.label ?? "-",
                Formats.path(picture.path),
            ])
        }
        print(table.text)
    }

    private struct Answer: Encodable {
        let schema = 1
        let query: String
        let head: String
        let space: String
        let neighbors: [FoundPicture]
    }
}

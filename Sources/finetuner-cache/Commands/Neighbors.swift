import ArgumentParser
import FeatureStorage
import Pipeline
import Tensors

struct Neighbors: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the nearest neighbors of every picture: the k-NN graph.",
        discussion: """
            knn.npy gets the positions of the neighbors, int32 [pictures, k], -1 where there are fewer; knn-scores.npy their \
            cosine similarities, float32; knn.csv says what each row is. A name that ends in .csv gets one table instead, with the \
            columns path, neighbor, rank and score.
            """)

    @Flag(help: "Take every picture of the store.")
    var all = false

    @Option(
        help: ArgumentHelp(
            """
            Take the pictures of a set alone: a folder, a file with one path a line, a .csv or .tsv table, table.csv:SPLIT, or a \
            split of the store.
            """,
            valueName: "set"), transform: { PictureSet($0) })
    var split: PictureSet?

    @OptionGroup var source: HeadOptions

    @Option(name: [.customShort("k"), .customLong("neighbors")], help: "How many neighbors of each picture.")
    var k = 10

    @Option(name: .shortAndLong, help: "The file to write: .npy or .csv.", completion: .file())
    var output: String

    @Option(help: "By comparing all pictures (exact), by the graph of index build (hnsw), or what is faster.")
    var index: IndexChoice = .auto

    @Option(help: "Candidates in the graph; more miss less and take longer.")
    var effort = 100

    func validate() throws {
        guard k >= 1, effort >= 1 else { throw ValidationError("-k and --effort must be positive.") }
        guard all != (split != nil) else { throw ValidationError("Give either --all or --split.") }
    }

    func run() throws {
        let (store, space, head) = try source.open()
        let (interruption, meter) = (Interruption(), ProgressMeter())
        let signals = Signals(interruption)
        defer { withExtendedLifetime(signals) {} }
        let count = try store.spaces().first { $0.space.fingerprint == space.fingerprint }?.rows ?? 1
        let search = try PictureSearch(
            store: store, source: EmbeddingSource(space: space, head: head), index: index, effort: effort,
            expecting: count, announce: Console.note, progress: meter.show)
        let graph = try NeighborGraph(
            search, in: store, k: k, among: split.map { try $0.members(of: store.pictures(in: space)) },
            interruption: interruption, progress: meter.show)
        meter.finish()
        guard let graph else { throw ExitCode.interrupted }
        Console.note("\(head.title), \(search.manner)")
        if output.hasSuffix(".csv") {
            try graph.writeTable(to: output)
            Console.note("\(output): \(k) neighbors of \(Formats.count(graph.pictures.count, "picture"))")
        } else {
            let files = try graph.writeNumPy(to: output)
            Console.note(
                """
                \(output): int32 [\(graph.pictures.count), \(k)]; \(files.scores) has the similarities, \(files.table) says what \
                each row is
                """)
        }
    }
}

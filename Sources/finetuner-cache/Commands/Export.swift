import ArgumentParser
import FeatureStorage
import Foundation
import Pipeline
import Tensors

struct Export: ParsableCommand {
    /// The forms that can be written.
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case npy, onnx, pgvector, projector, lightly, mlflow
    }

    static let configuration = CommandConfiguration(
        abstract: "Write features or embeddings for other tools.",
        discussion: """
            npy: an array with a row for each picture, and beside f.npy a table f.csv with the columns row, id, path, label and split; \
            id is the SHA-256 of the picture.

            pgvector: a script p.sql for psql that makes and fills a table pictures with the columns id, path, label and embedding, and an \
            HNSW index over the latter; the rows are in p.copy beside it. Run it in that folder: psql -f p.sql.

            projector: a folder for TensorBoard's Embedding Projector, with thumbnails: tensorboard --logdir FOLDER.

            lightly: Lightly's CSV of embeddings. mlflow: training runs, that of --head or all, in MLflow's file store, a folder mlruns.

            onnx: the model itself, from pictures to embeddings of unit length: the network up to its cut, pooling, the head. Its input \
            pictures is float [batch, 3, height, width], resized, cropped and normalized as its metadata say under \
            finetuner-cache.preprocessing; its output is embedding.
            """)

    @OptionGroup var source: SpaceOptions

    @Option(help: "The form: npy, onnx, pgvector, projector, lightly or mlflow.")
    var to: Form = .npy

    @Option(name: .shortAndLong, help: "The file or folder to write.", completion: .file())
    var output: String

    @Option(help: "Write embeddings of this head, by name or file; none for the raw features.")
    var head = "none"

    @Flag(help: "Of a model (onnx) write the head alone: from features, [batch, dimension], to embedding.")
    var headOnly = false

    func validate() throws {
        if headOnly, to != .onnx { throw ValidationError("--head-only goes with --to onnx.") }
        if headOnly, head == "none" { throw ValidationError("--head-only needs a --head.") }
    }

    func run() throws {
        let (store, space) = try source.open()
        if to == .mlflow { return try writeRuns(store) }
        let choice = try HeadChoice(option: head, library: HeadLibrary(store: store), space: space)
        if to == .onnx { return try writeModel(EmbeddingSource(space: space, head: choice), store) }
        let exporter = FeatureExporter(store: store, space: space, head: choice.loaded?.head)
        if to == .pgvector {
            let written = try exporter.writePostgres(to: output)
            return Console.note(
                "\(output): a table of \(Formats.count(written.rows, "picture")), vector(\(written.columns)); \(written.data) has the rows"
            )
        }
        if to == .projector {
            let written = try exporter.writeProjector(to: output)
            let pictures =
                written.side > 0 ? "with pictures of \(written.side) pixels" : "too many for a picture of each"
            return Console.note(
                "\(output): \(Formats.count(written.rows, "vector")) of \(written.columns) numbers, \(pictures)")
        }
        if to == .lightly {
            let written = try exporter.writeLightly(to: output)
            return Console.note(
                "\(output): \(Formats.count(written.rows, "vector")) of \(written.columns) numbers, labels are numbers below \(written.labels.count)"
            )
        }
        let written = try exporter.writeNumPy(to: output)
        Console.note("\(output): float32 [\(written.rows), \(written.columns)]; \(written.table) says what each row is")
    }

    private func writeRuns(_ store: FeatureStore) throws {
        let known = (try? FileManager.default.contentsOfDirectory(atPath: store.runsFolder)) ?? []
        let names = head == "none" ? known.filter { !$0.hasPrefix(".") }.sorted() : [head]
        guard !names.isEmpty else {
            throw InputError(source.store.path, "has no training run", remedy: "Train a head with train-head.")
        }
        let target = MLflowFolder(folder: output, storePath: source.store.path)
        for name in names {
            let files = ["head.safetensors", "run.json"].map { "\(store.headsFolder)/\(name)/\($0)" }
            try target.add(run: "\(store.runsFolder)/\(name)", artifacts: files)
        }
        Console.note("\(output): \(Formats.count(names.count, "run")); mlflow ui --backend-store-uri \(output)")
    }

    private func writeModel(_ source: EmbeddingSource, _ store: FeatureStore) throws {
        let export = EmbeddingModelExport(source, labels: try store.summary().labels.keys.sorted())
        let data: Data
        if headOnly {
            data = try export.headAlone()
        } else {
            data = try export.whole(FrozenModel(of: source.space, cache: .standard(), announce: Console.note))
        }
        try AtomicFile.write(data, to: output)
        let from = headOnly ? EmbeddingModelExport.features : EmbeddingModelExport.pictures
        Console.note(
            "\(output): \(from) -> \(EmbeddingModelExport.embedding), \(source.dimension) numbers of unit length, \(Formats.bytes(data.count))"
        )
    }
}

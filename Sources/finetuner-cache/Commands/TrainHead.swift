import ArgumentParser
import Foundation
import Pipeline
import Tensors

struct TrainHead: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train-head",
        abstract: "Train a 3-layer projection head on the stored features.",
        discussion: """
            The head is Linear-BatchNorm-ReLU twice, then Linear-BatchNorm, trained with the triplet margin loss on \
            batches of several pictures a class. Part of every class is held out; retrieval among those pictures is \
            measured before and after. The loss is the mean over the triplets that still violate the margin: as their \
            number falls, it need not.
            """)

    @OptionGroup var source: SpaceOptions

    @Option(name: .customLong("output-dim"), help: "The length of an embedding, such as 512. Required.")
    var outputDimension: Int?

    @Option(help: "How often the training pictures are gone through.")
    var epochs = 5

    @Option(help: "Pictures a step; reduced where there are too few classes.")
    var batchSize = 128

    @Option(help: "Pictures of one class in a batch.")
    var itemsPerClass = 4

    @Option(help: "Adam's step size.")
    var learningRate = 1e-3

    @Option(help: "Decides initial weights, held-out pictures and batches: the same seed gives the same head.")
    var seed: UInt64 = 0

    @Option(help: "The part of every class that is held out to measure retrieval, 0 for none.")
    var heldOut = 0.2

    @Option(
        help: ArgumentHelp(
            """
            Bytes for decoded features, with K, M, G or T for powers of 1024, such as 2G. Where they need more, every epoch \
            reads them from the store in pools of chunks; the next pool is decoded while one is trained on. \
            [default: half of the machine's memory]
            """, valueName: "bytes"),
        transform: { try MemoryBudget($0) })
    var memory: MemoryBudget?

    @Option(help: "The head's name in the store. [default: the first free of head-1, head-2, …]")
    var name: String?

    @Flag(help: "Replace a head of the same name.")
    var replace = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard let outputDimension else {
            throw ValidationError(
                """
                --output-dim is missing. Every layer of the backbone is frozen, so without a projection head of a chosen \
                size there would be nothing to train. Try --output-dim 512.
                """)
        }
        guard (1...65_536).contains(outputDimension) else {
            throw ValidationError("--output-dim must be from 1 to 65536.")
        }
        guard epochs >= 0 else { throw ValidationError("--epochs must not be negative.") }
        guard itemsPerClass >= 2 else {
            throw ValidationError("--items-per-class must be at least 2, so that an anchor has a positive.")
        }
        guard batchSize >= 2 * itemsPerClass, batchSize % itemsPerClass == 0 else {
            throw ValidationError("--batch-size must be a multiple of --items-per-class, and at least twice it.")
        }
        guard learningRate > 0, learningRate.isFinite else {
            throw ValidationError("--learning-rate must be positive.")
        }
        guard (0...0.5).contains(heldOut) else { throw ValidationError("--held-out must be from 0 to 0.5.") }
        if let name { try Self.validated { try HeadLibrary.check(name: name) } }
    }

    func run() throws {
        let (store, space) = try source.open()
        let library = HeadLibrary(store: store)
        let name = try freeName(in: library)
        try library.requireWritable()
        let dataset = try FeatureDataset(store: store, space: space)
        sayWhatIsLeftOut(dataset)
        let interruption = Interruption()
        let signals = Signals(interruption)
        let meter = ProgressMeter()
        let result = try HeadTrainer(settings).train(
            dataset, interruption: interruption, announce: Console.note, progress: meter.show)
        meter.finish()
        withExtendedLifetime(signals) {}
        if result.batchSize < batchSize {
            Console.note("batch size \(result.batchSize) instead of \(batchSize): that is all the classes give")
        }
        if result.leftOut > 0 {
            Console.note(
                """
                alone of their class in their pool and left out: \(result.leftOut) of \(result.trainingCount) training \
                pictures an epoch; more --memory makes pools larger
                """)
        }
        let record = try library.save(result, name: name, space: space, settings: settings)
        if json {
            try JSONOutput.print(record)
        } else {
            print(MetricsTable.trained(record, classes: dataset.classNames.count))
        }
        if record.isWorseThanRawFeatures {
            Console.warning(
                """
                this head finds held-out pictures worse than the raw features do; query uses the raw features unless \
                --head \(name) is given. More epochs or another --learning-rate may help.
                """)
        }
        if result.wasInterrupted { throw ExitCode.interrupted }
    }

    private var settings: HeadTrainer.Settings {
        var settings = HeadTrainer.Settings(outputDimension: outputDimension ?? 0)
        settings.epochs = epochs
        settings.batchSize = batchSize
        settings.itemsPerClass = itemsPerClass
        settings.learningRate = learningRate
        settings.seed = seed
        settings.heldOutFraction = heldOut
        settings.memory = memory?.bytes
        return settings
    }

    private func freeName(in library: HeadLibrary) throws -> String {
        let taken = Set(try library.records().map(\.name))
        guard let name else {
            return (1...).lazy.map { "head-\($0)" }.first { !taken.contains($0) } ?? "head"
        }
        guard replace || !taken.contains(name) else {
            throw InputError(
                "head '\(name)'", "is in the store already",
                remedy: "Choose another --name, or replace it with --replace.")
        }
        return name
    }

    private func sayWhatIsLeftOut(_ dataset: FeatureDataset) {
        if dataset.unlabeled > 0 {
            Console.note("\(Formats.count(dataset.unlabeled, "picture")) without a label left out")
        }
        if dataset.conflicting > 0 {
            Console.warning(
                "listed under two labels: \(Formats.count(dataset.conflicting, "picture")); the label of the first path counts"
            )
        }
    }

    private static func validated(_ check: () throws -> Void) throws {
        do { try check() } catch let error as InputError { throw ValidationError(error.description) }
    }
}

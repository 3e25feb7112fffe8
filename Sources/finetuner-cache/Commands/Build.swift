public import ArgumentParser
import FeatureStorage
import Foundation
import ImageInput
public import Pipeline
import Tensors

struct Build: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the frozen network once over pictures and keep the features in the store.",
        discussion: """
            A folder's first level gives the labels: photos/cat/1.jpg has the label cat. Running it again computes only \
            what is new; pictures that are gone leave the listing, their features stay.
            """)

    @Argument(help: "A folder of pictures, or single pictures.", completion: .file())
    var inputs: [String]

    @OptionGroup var store: StoreOptions
    @OptionGroup var network: ModelOptions

    @Flag(help: "Keep the features beside those of other networks in the same store.")
    var addSpace = false

    @Option(help: ArgumentHelp("What to do with a picture that cannot be used: skip or fail.", valueName: "policy"))
    var onError: FeatureExtractor.ErrorPolicy = .skip

    @Flag(help: "Exit with 0 although pictures were skipped.")
    var allowSkips = false

    @Flag(help: "Try pictures again that failed before.")
    var retryFailed = false

    @Option(help: "Pictures the network computes at once.")
    var batchSize = 16

    @Option(
        help: ArgumentHelp(
            """
            Build only part I of N, such as 2/4. A picture is in part 1 + h mod N, where h is the first 8 bytes, \
            little-endian, of the SHA-256 of its path relative to the listed folder: on every machine, whatever pictures \
            come or go. What the store has of other parts stays as it is.
            """, valueName: "I/N"))
    var shard: BuildShard?

    @Option(help: "Decides the random order of extraction.")
    var seed: UInt64 = 0

    @Option(help: "Refuse pictures with more pixels than this.")
    var pixelLimit = ImageDecoder.defaultPixelLimit

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard (1...1024).contains(batchSize) else { throw ValidationError("--batch-size must be from 1 to 1024.") }
        guard pixelLimit > 0 else { throw ValidationError("--pixel-limit must be positive.") }
    }

    func run() throws {
        PassiveWaiting.ensure()
        store.warnOfNetwork(writing: true)
        let listing = try PictureListing.read(inputs)
        for refused in listing.refused { Console.warning("\(refused.path): \(refused.reason)") }
        let model = try calibrated(try network.load(storePath: store.path, cache: .standard()), listing)
        Console.note(
            """
            model \(model.space.name), \(model.space.dimension) features
            weights \(model.weights.path), SHA-256 \(model.weights.fingerprint)
            """)
        var writer = try FeatureStoreWriter(
            path: store.path, space: model.space, otherSpaces: addSpace ? .add : .refuse)
        if !writer.recovery.isEmpty { Console.note("store recovered: \(writer.recovery)") }
        let report = try extract(listing, with: model, into: &writer)
        try writer.finish()
        try show(report, of: try FeatureStore(path: store.path), space: model.space)
        if report.wasInterrupted { throw ExitCode.interrupted }
        let skipped = report.failures.count + listing.refused.count
        if skipped > 0 && !allowSkips { throw ExitCode.skipped }
    }

    /// The model with the calibration that the store has for it, else with one measured on some of the pictures.
    private func calibrated(_ model: FrozenModel, _ listing: PictureListing) throws -> FrozenModel {
        guard model.lacksCalibration else { return model }
        if FileManager.default.fileExists(atPath: "\(store.path)/index.sqlite") {
            let spaces = try FeatureStore(path: store.path).spaces().map(\.space)
            if let known = try model.calibrated(like: spaces) { return known }
        }
        Console.note("calibrating on up to \(CalibrationSample.size) of the pictures")
        let decoder = ImageDecoder(pixelLimit: pixelLimit, exif: model.preprocessor.exif)
        let sample = CalibrationSample(of: listing, seed: seed, decoder: decoder)
        return model.calibrated(by: try sample.calibration(of: model, batchSize: batchSize))
    }

    private func extract(
        _ listing: PictureListing, with model: FrozenModel, into writer: inout FeatureStoreWriter
    ) throws -> BuildReport {
        var extractor = FeatureExtractor(
            backbone: try model.makeBackbone(batchSize: batchSize), batchSize: batchSize,
            decoder: ImageDecoder(pixelLimit: pixelLimit, exif: model.preprocessor.exif),
            preprocessor: model.preprocessor)
        extractor.errorPolicy = onError
        extractor.retriesFailed = retryFailed
        extractor.seed = seed
        extractor.shard = shard
        let interruption = Interruption()
        let signals = Signals(interruption)
        let meter = ProgressMeter()
        defer {
            meter.finish()
            withExtendedLifetime(signals) {}
        }
        return try extractor.extract(listing, into: &writer, interruption: interruption, progress: meter.show)
    }

    private func show(_ report: BuildReport, of store: FeatureStore, space: FeatureSpace) throws {
        let summary = try store.spaces().first { $0.space.fingerprint == space.fingerprint }
        let outcome = BuildOutcome(report, summary, store: self.store.path, space: space, shard: shard)
        if json { return try JSONOutput.print(outcome) }
        print(outcome.text)
        for failure in report.failures.prefix(10) { Console.warning("\(failure.path): \(failure.reason)") }
        if report.failures.count > 10 {
            Console.note("… and \(report.failures.count - 10) more: finetuner-cache inspect --errors")
        }
    }
}

extension FeatureExtractor.ErrorPolicy: ExpressibleByArgument {}

extension BuildShard: ExpressibleByArgument {
    /// Reads `I/N`.
    public init?(argument: String) { self.init(argument) }
}

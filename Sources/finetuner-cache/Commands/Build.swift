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
            A folder's first level gives the labels: photos/cat/1.jpg has the label cat. A .csv, .tsv or .jsonl file lists pictures \
            and labels instead: the columns path (or file_name, uri, image) and label, or without a header first the path, then the \
            label. .tar and .zip files are read as they are; in WebDataset's manner 17.cls, 17.json or 17.txt beside 17.jpg gives its \
            label. - reads paths or JSON objects, one a line, from standard input. Running it again computes only what is new; pictures \
            that are gone leave the listing, their features stay.
            """)

    @Argument(
        help: "A folder of pictures, a list of them, archives, single pictures, or - for standard input.",
        completion: .file())
    var inputs: [String]

    @Option(
        help: ArgumentHelp(
            "What separates the fields of a .csv list: sniffed, excel, excel-tab or unix.", valueName: "dialect"))
    var csvDialect: CSVDialect = .sniffed

    @Flag(
        help: """
            The list names two pictures a row, and a score or none, for train-head --pairs; both are built, without labels.
            """)
    var pairs = false

    @Flag(help: "Let relative paths in a list lead out of its folder.")
    var allowOutside = false

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

    @Option(help: "Pictures that each core computes at once.")
    var batchSize = 4

    @Option(help: "Cores to use. [default: all that this process may use]")
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            """
            Build only part I of N, such as 2/4. A picture is in part 1 + h mod N, where h is the first 8 bytes, \
            little-endian, of the SHA-256 of its path relative to the listed folder: on every machine, whatever pictures \
            come or go. What the store has of other parts stays as it is.
            """, valueName: "I/N"))
    var shard: BuildShard?

    @Option(
        help: """
            Looks at each picture to keep features of, for training: the center, its mirror image, then random crops. [default: \
            those that the store has, else 1]
            """)
    var views: Int?

    @Option(help: "Decides the random order of extraction and the random crops of --views.")
    var seed: UInt64 = 0

    @Option(help: "Refuse pictures with more pixels than this.")
    var pixelLimit = ImageDecoder.defaultPixelLimit

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard (1...1024).contains(batchSize) else { throw ValidationError("--batch-size must be from 1 to 1024.") }
        guard threads.map((1...1024).contains) ?? true else {
            throw ValidationError("--threads must be from 1 to 1024.")
        }
        guard views.map((1...64).contains) ?? true else { throw ValidationError("--views must be from 1 to 64.") }
        guard pixelLimit > 0 else { throw ValidationError("--pixel-limit must be positive.") }
    }

    func run() throws {
        // From the beginning: who stops a build while its network is loaded is told the same as later.
        let interruption = Interruption()
        let signals = Signals(interruption)
        defer { withExtendedLifetime(signals) {} }
        store.warnOfNetwork(writing: true)
        var source = try ListingSource(inputs, dialect: csvDialect, allowsOutside: allowOutside, hasPairs: pairs)
        guard let listing = try source.next() else {
            throw InputError(
                "standard input", "names no picture",
                remedy: "Write paths to it, such as find photos -name '*.jpg' does.")
        }
        let cuts = try calibrated(try network.load(storePath: store.path, cache: .standard()), listing)
        let model = cuts.with(try wantedViews(of: cuts))
        for space in model.spaces { Console.note("model \(space.name), \(space.dimension) features") }
        Console.note("weights \(model.weights.path), SHA-256 \(model.weights.fingerprint)")
        let (report, refused) = try build(listing, source, with: model, interruption)
        try show(report, of: try FeatureStore(path: store.path), spaces: model.spaces)
        if report.wasInterrupted { throw ExitCode.interrupted }
        let skipped = report.failures.count + refused
        if skipped > 0 && !allowSkips { throw ExitCode.skipped }
    }

    /// The views that were asked for, else those that the store has.
    private func wantedViews(of cuts: FrozenCuts) throws -> [PictureView] {
        if let views { return PictureView.views(views, seed: seed) }
        return try FeatureStore.existing(at: store.path).map { try cuts.views(in: $0) } ?? [.center]
    }

    private var cores: Int { threads ?? AvailableProcessors.count }

    private func build(
        _ first: PictureListing, _ source: ListingSource, with model: FrozenCuts, _ interruption: Interruption
    ) throws -> (report: BuildReport, refused: Int) {
        let policy: FeatureStoreWriter.OtherSpacePolicy = addSpace ? .add : .refuse
        guard model.spaces.count > 1 else {
            var writer = try FeatureStoreWriter(path: store.path, space: model.spaces[0], otherSpaces: policy)
            if !writer.recovery.isEmpty { Console.note("store recovered: \(writer.recovery)") }
            let done = try extract(first, source, with: model, into: &writer, interruption)
            try writer.finish()
            return done
        }
        var writer = try MultiSpaceWriter(path: store.path, spaces: model.spaces, otherSpaces: policy)
        if !writer.recovery.isEmpty { Console.note("store recovered: \(writer.recovery)") }
        let done = try extract(first, source, with: model, into: &writer, interruption)
        try writer.finish()
        return done
    }

    /// The model with the calibration that the store has for it, else with one measured on some of the pictures.
    private func calibrated(_ cuts: FrozenCuts, _ listing: PictureListing) throws -> FrozenCuts {
        guard let model = cuts.models.first, model.lacksCalibration else { return cuts }
        if let spaces = try FeatureStore.existing(at: store.path)?.spaces().map(\.space),
            let known = try model.calibrated(like: spaces)
        {
            return FrozenCuts(known)
        }
        Console.note("calibrating on up to \(CalibrationSample.size) of the pictures")
        let decoder = ImageDecoder(pixelLimit: pixelLimit, for: model.preprocessor)
        let sample = CalibrationSample(of: listing, seed: seed, decoder: decoder)
        return FrozenCuts(model.calibrated(by: try sample.calibration(of: model, batchSize: batchSize)))
    }

    /// Extracts the first listing and those that follow it.
    private func extract<Writer: FeatureSink & ~Copyable>(
        _ first: PictureListing, _ source: ListingSource, with model: FrozenCuts, into writer: inout Writer,
        _ interruption: Interruption
    ) throws -> (report: BuildReport, refused: Int) {
        let extractor = try extractor(of: model)
        let meter = ProgressMeter()
        defer { meter.finish() }
        var (source, next) = (source, Optional(first))
        var (report, refused) = (BuildReport(), 0)
        while let listing = next, !report.wasInterrupted {
            for refused in listing.refused { Console.warning("\(refused.path): \(refused.reason)") }
            refused += listing.refused.count
            report.add(
                try extractor.extract(listing, into: &writer, interruption: interruption, progress: meter.show))
            next = try source.next()
        }
        return (report, refused)
    }

    private func extractor(of model: FrozenCuts) throws -> FeatureExtractor {
        var extractor = FeatureExtractor(
            backbones: try model.makeBackbones(count: cores, batchSize: batchSize), batchSize: batchSize,
            decoder: ImageDecoder(pixelLimit: pixelLimit, for: model.preprocessor),
            preprocessor: model.preprocessor)
        extractor.views = model.views
        extractor.errorPolicy = onError
        extractor.retriesFailed = retryFailed
        extractor.seed = seed
        extractor.shard = shard
        return extractor
    }

    private func show(_ report: BuildReport, of store: FeatureStore, spaces: [FeatureSpace]) throws {
        let summaries = try store.spaces()
        let built = spaces.compactMap { space in summaries.first { $0.space.fingerprint == space.fingerprint } }
        let outcome = BuildOutcome(report, built, store: self.store.path, shard: shard)
        if json { return try JSONOutput.print(outcome) }
        print(outcome.text)
        for failure in report.failures.prefix(10) { Console.warning("\(failure.path): \(failure.reason)") }
        if report.failures.count > 10 {
            Console.note("… and \(report.failures.count - 10) more: finetuner-cache inspect --errors")
        }
    }
}

extension FeatureExtractor.ErrorPolicy: ExpressibleByArgument {}

extension CSVDialect: ExpressibleByArgument {}

extension BuildShard: ExpressibleByArgument {
    /// Reads `I/N`.
    public init?(argument: String) { self.init(argument) }
}

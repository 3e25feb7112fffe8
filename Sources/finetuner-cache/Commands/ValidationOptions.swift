import ArgumentParser
import Pipeline
import Retrieval
import Tensors

/// What judges a head, and when training ends.
struct ValidationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Which pictures judge: classes: all of some classes; items: some of every class; none; or a set of pictures: a \
            folder, a file with one path a line, a .csv or .tsv table, table.csv:SPLIT for the rows whose column split \
            says so, or a split that the list given to build had. [default: classes where there are at least \(ValidationChoice.fewestClasses), else items]
            """, valueName: "classes|items|none|set"),
        transform: { ValidationChoice($0) })
    var validation = ValidationChoice.automatic

    @Option(
        help: ArgumentHelp(
            "The set of pictures that held-out ones are searched in, instead of each other. They do not train either.",
            valueName: "set"),
        transform: { PictureSet($0) })
    var validationIndex: PictureSet?

    @Option(help: "The part of the classes, or of every class, that is held out; 0 for none.")
    var heldOut = 0.2

    @Option(help: "The metric that decides which epoch is best: map@r, precision@1, recall@5, mrr, loss and others.")
    var monitor = "map@r"

    @Option(help: "After how many epochs without a better one training ends; 0 makes all epochs.")
    var patience = 5

    @Option(help: "By how much an epoch has to be better to count.")
    var minDelta = 0.0

    @Option(help: "What an epoch has to be better than, instead of the best so far.")
    var baseline: Double?

    @Flag(help: "Keep the trained head although what it began with finds held-out pictures better.")
    var keepTrained = false

    func validate() throws {
        guard (0...0.5).contains(heldOut) else { throw ValidationError("--held-out must be from 0 to 0.5.") }
        guard patience >= 0 else { throw ValidationError("--patience must not be negative.") }
        guard minDelta >= 0, minDelta.isFinite else { throw ValidationError("--min-delta must not be negative.") }
        guard baseline?.isFinite ?? true else { throw ValidationError("--baseline must be a number.") }
        _ = try UsageErrors.translating { try MonitoredMetric(monitor) }
    }

    func apply(to settings: inout HeadTrainer.Settings) {
        settings.validation = validation
        settings.validationIndex = validationIndex
        settings.heldOutFraction = heldOut
        settings.monitor = monitor
        settings.patience = patience == 0 ? nil : patience
        settings.minimumDelta = minDelta
        settings.baseline = baseline
        settings.keepsTrained = keepTrained
    }
}

import ArgumentParser
import FeatureStorage
import Pipeline
import Tensors

/// Which pictures a search may find.
struct FilterOptions: ParsableArguments {
    @Option(help: "Find only pictures with this label; may be given several times.")
    var label: [String] = []

    @Option(help: "Find no pictures with this label; may be given several times.")
    var notLabel: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            Find only pictures of a set: a folder, a file with one path a line, a .csv or .tsv table, table.csv:SPLIT for \
            the rows whose column split says so, or a split that the list given to build had.
            """, valueName: "set"), transform: { PictureSet($0) })
    var split: PictureSet?

    @Option(help: "Find only pictures with this score or a nearer one.")
    var minScore: Float?

    @Flag(help: "Leave out pictures with the same bytes as the one that is searched for.")
    var excludeSelf = false

    @Flag(help: "Of pictures with the same bytes find only one.")
    var uniqueContent = false

    func validate() throws {
        guard minScore?.isFinite ?? true else { throw ValidationError("--min-score must be a number.") }
    }

    /// Whether every picture may be found.
    var isEmpty: Bool {
        label.isEmpty && notLabel.isEmpty && split == nil && minScore == nil && !excludeSelf && !uniqueContent
    }

    /// The filter. Throws `InputError` where the store knows none of the labels, or nothing of the set.
    func filter(of store: FeatureStore, _ space: FeatureSpace) throws -> PictureFilter {
        var filter = PictureFilter()
        (filter.labels, filter.otherLabels) = (Set(label), Set(notLabel))
        (filter.worstScore, filter.excludesSelf, filter.isUniqueByContent) = (minScore, excludeSelf, uniqueContent)
        if !label.isEmpty || !notLabel.isEmpty {
            let known = try store.summary().labels
            for name in label + notLabel where known[name] == nil {
                let some = known.keys.sorted().prefix(8).joined(separator: ", ")
                throw InputError(
                    "label '\(name)'", "is no label of this store",
                    remedy: known.isEmpty ? "No picture has a label." : "It has \(some)\(known.count > 8 ? ", …" : "")."
                )
            }
        }
        if let split { filter.restrict(to: try split.members(of: store.pictures(in: space))) }
        return filter
    }
}
